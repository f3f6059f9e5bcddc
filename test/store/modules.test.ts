import { OmError, type ParamsIn } from '@omanager/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { previewOf } from '../../apps/server/src/engines/ssh/bodies.ts';
import { createModules, type Modules } from '../../apps/server/src/features/modules/index.ts';
import { createRunUsage } from '../../apps/server/src/features/runs/usage.ts';
import { type AccessRig, auditedOf, outcome, startAccess, type TestConnection } from './accessRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const lines = '  lines: { type: integer, default: 5, minimum: 1 }';
const manifestOf = ({ id = 'web.tail', version = '1.0.0', more = '' } = {}) =>
  `id: ${id}\nversion: "${version}"\ntitle: { en: Tail, zh: 查看 }\nrisk: read\n${more}params:\n${lines}\nshell: tail -n "$lines" /var/log/web\n`;

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('modules made in the client, on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let modules: Modules;
    let rig: AccessRig;
    let admin: TestConnection;
    let now = Date.now();

    /** As each server process does when it starts. */
    const process = () =>
      createModules({
        db: database.db,
        folder: null,
        usage: createRunUsage(),
        preview: previewOf,
        log: { warn: () => {} },
        now: () => now,
      });

    beforeAll(async () => {
      database = await open();
    });
    afterAll(() => database?.close());
    beforeEach(async () => {
      for (const table of ['ui_modules', 'ui_module_versions', 'ui_module_drafts'])
        await database.db.knex(table).delete();
      await database.db.knex('module_versions').where('module_id', 'like', 'web.%').delete();
      modules = await process();
      ({ rig, admin } = await startAccess(database.db, modules.handlers));
      return () => rig.access.close();
    });

    const save = (manifest: string, more: Partial<ParamsIn<'modules.save'>> = {}) =>
      admin.call('modules.save', { manifest, comment: 'first', ...more });
    const problemsOf = async (call: Promise<unknown>) => {
      try {
        await call;
      } catch (error) {
        if (error instanceof OmError) return error.details?.problems;
      }
      return undefined;
    };

    it('saves one, and every other process offers it at once', async () => {
      const other = await process();
      expect(await save(manifestOf({ more: 'legacyId: 4001\nfamily: service\nrunAs: root\n' }))).toMatchObject({
        ...{ id: 'web.tail', version: '1.0.0', source: 'ui', legacyId: 4001, retired: null, follow: false },
        ...{ runAs: 'root', familyTitle: { zh: '后台服务' } },
      });
      const { knex } = database.db;
      for (const ref of ['web.tail', 'web.tail@1.0.0', '4001'])
        expect((await other.offered.get(knex, ref)).manifest.id).toBe('web.tail');
      const ids = (await other.offered.list(knex, { retired: false })).map(({ manifest }) => manifest.id);
      expect(ids).toContain('web.tail');
      expect(ids).toContain('system.uptime');
      // What a worker asks for when it runs a plan.
      const { digest } = await other.offered.get(knex, 'web.tail');
      expect((await other.store.manifest(digest)).body).toMatchObject({ kind: 'shell' });
    });

    it('keeps every version as it was, and offers the newest', async () => {
      const first = await save(manifestOf());
      const text = manifestOf({ version: '1.1' }).replace('tail -n', 'tail -q -n');
      const second = await save(text, { comment: 'quiet', base: '1.0.0' });
      expect((await admin.call('modules.versions', { module: 'web.tail' })).items).toMatchObject([
        {
          version: '1.1',
          digest: second.digest,
          comment: 'quiet',
          author: 'root',
          current: true,
          source: 'ui',
          runs: 0,
        },
        { version: '1.0.0', digest: first.digest, comment: 'first', current: false },
      ]);
      expect((await admin.call('modules.get', { module: 'web.tail' })).manifest).toBe(text);
      for (const module of ['web.tail@1.0.0', first.digest])
        expect((await admin.call('modules.get', { module })).manifest).toBe(manifestOf());
      expect(await outcome(modules.offered.get(database.db.knex, 'web.tail@1.0.0'))).toBe('NOT_FOUND');
      for (const version of ['1.1', '1.1.0', '1.0.9'])
        expect(await problemsOf(save(manifestOf({ version })))).toMatchObject([{ line: 2, column: 10 }]);
    });

    it('refuses a save over what somebody else saved meanwhile', async () => {
      await save(manifestOf(), { base: null });
      expect(await outcome(save(manifestOf({ version: '2' }), { base: null }))).toBe('CONFLICT');
      const race = ['3', '4'].map((version) => outcome(save(manifestOf({ version }), { base: '1.0.0' })));
      expect((await Promise.all(race)).sort()).toEqual(['CONFLICT', 'ok']);
    });

    it('saves a new module once when two do so at the same moment', async () => {
      const both = await Promise.all([1, 2].map(() => outcome(save(manifestOf()))));
      expect(both).toContain('ok');
      expect(both.filter((code) => code === 'ok')).toHaveLength(1);
      expect((await admin.call('modules.versions', { module: 'web.tail' })).items).toHaveLength(1);
    });

    it('refuses names and numbers that are taken, bodies it does not know, and says where', async () => {
      expect(await problemsOf(save(manifestOf({ id: 'system.uptime' })))).toMatchObject([{ line: 1, column: 5 }]);
      expect(await problemsOf(save(manifestOf({ more: 'legacyId: 1007\n' })))).toMatchObject([{ line: 5, column: 11 }]);
      await save(manifestOf({ more: 'legacyId: 4001\n' }));
      const same = manifestOf({ id: 'web.head', more: 'legacyId: 4001\n' });
      expect(await problemsOf(save(same))).toMatchObject([
        { message: 'legacyId: 4001 is already the number of web.tail' },
      ]);
      const ts = 'id: a.b\ntitle: x\nts: export default 1\n';
      expect(await problemsOf(save(ts))).toMatchObject(
        [{ line: 1 }, { line: 3, message: /not known/ }].map((one) => ({
          ...one,
          ...(one.message ? { message: expect.stringMatching(one.message) } : {}),
        })),
      );
    });

    it('validates without keeping anything: mistakes, form, script', async () => {
      const good = await admin.call('modules.validate', { manifest: manifestOf(), params: { lines: 7 } });
      expect(good).toMatchObject({ problems: [], paramProblems: [], latest: null, module: { id: 'web.tail' } });
      expect(good.module?.params).toMatchObject({ properties: { lines: { type: 'integer' } } });
      expect(good.script).toContain("lines='7'");
      const wrong = await admin.call('modules.validate', { manifest: manifestOf(), params: { lines: 0 } });
      expect(wrong).toMatchObject({ script: null, paramProblems: [{ param: 'lines' }] });
      const copy =
        'id: a.b\ntitle: x\nparams: { f: { type: string, format: file, required: true } }\ncopy: { file: f, to: /tmp/x }\n';
      expect(await admin.call('modules.validate', { manifest: copy })).toMatchObject({
        ...{ problems: [], paramProblems: [], script: 'copy f to /tmp/x' },
      });
      const broken = await admin.call('modules.validate', { manifest: 'id: [' });
      expect(broken).toMatchObject({ module: null, script: null });
      expect(broken.problems[0]).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
      expect((await admin.call('modules.list', {})).items.map(({ id }) => id)).not.toContain('web.tail');
    });

    it('retires and restores: not offered, not run, history stays', async () => {
      const { digest } = await save(manifestOf());
      const { knex } = database.db;
      expect(await admin.call('modules.retire', { module: 'web.tail' })).toMatchObject({ retired: { by: 'root' } });
      expect(await outcome(modules.offered.get(knex, 'web.tail'))).toBe('NOT_FOUND');
      expect(await outcome(modules.offered.requireOffered(knex, digest))).toBe('PLAN_CHANGED');
      expect((await admin.call('modules.list', {})).items.map(({ id }) => id)).not.toContain('web.tail');
      const all = (await admin.call('modules.list', { retired: true })).items;
      expect(all.find(({ id }) => id === 'web.tail')?.retired).toMatchObject({ by: 'root' });
      expect((await admin.call('modules.versions', { module: 'web.tail' })).items).toHaveLength(1);
      expect(await outcome(save(manifestOf({ version: '2' })))).toBe('CONFLICT');
      await admin.call('modules.restore', { module: 'web.tail' });
      await modules.offered.requireOffered(knex, digest);
      expect(await outcome(admin.call('modules.retire', { module: 'system.uptime' }))).toBe('CONFLICT');
      expect(await outcome(admin.call('modules.retire', { module: 'no.such' }))).toBe('NOT_FOUND');
    });

    it('keeps a draft for one server and one day', async () => {
      const { knex } = database.db;
      const draft = await admin.call('modules.draft', { manifest: manifestOf() });
      const { manifest } = await modules.offered.get(knex, draft.module);
      expect(manifest).toMatchObject({ version: '1.0.0-draft', limits: { maxHosts: 1 } });
      expect((await modules.store.manifest(draft.digest)).id).toBe('web.tail');
      expect((await admin.call('modules.list', {})).items.map(({ id }) => id)).not.toContain('web.tail');
      await save(manifestOf());
      // A version that is saved may be tried again; its draft is no second version.
      await admin.call('modules.draft', { manifest: manifestOf() });
      await admin.call('modules.draft', { manifest: manifestOf().replace('tail -n', 'tail -q -n') });
      expect((await admin.call('modules.versions', { module: 'web.tail' })).items).toHaveLength(1);
      expect(await outcome(admin.call('modules.draft', { manifest: manifestOf({ id: 'system.uptime' }) }))).toBe(
        'MODULE_INVALID',
      );
      now += 25 * 3_600_000;
      expect(await outcome(modules.offered.get(knex, draft.module))).toBe('NOT_FOUND');
      now = Date.now();
    });

    it('is for admins, and the audit says before and after without the text', async () => {
      const operator = await rig.user('olive', 'operator');
      expect(await outcome(operator.call('modules.save', { manifest: manifestOf(), comment: 'x' }))).toBe('FORBIDDEN');
      expect(await outcome(operator.call('modules.validate', { manifest: manifestOf() }))).toBe('FORBIDDEN');
      await save(manifestOf());
      await save(manifestOf({ version: '1.0.1' }), { comment: 'again' });
      const events = await auditedOf(database.db, { action: 'modules.save', outcome: 'done' });
      expect(events).toMatchObject([
        { object: 'module:web.tail', details: { before: null, after: '1.0.0', comment: 'first' } },
        { object: 'module:web.tail', details: { before: '1.0.0', after: '1.0.1', comment: 'again' } },
      ]);
      expect(JSON.stringify(await auditedOf(database.db, {}))).not.toContain('/var/log/web');
    });
  });
});
