import { compressRanges } from '@omanager/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databases, type TestDatabase } from './databases.ts';
import {
  addCredential,
  type Caller,
  clearInventory,
  createRig,
  draft,
  type Rig,
  refusal,
  without,
} from './inventoryRig.ts';

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('import on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: Rig;
    beforeAll(async () => {
      database = await open();
      rig = createRig(database.db);
    });
    afterAll(() => database?.close());
    beforeEach(async () => {
      await clearInventory(rig);
      await addCredential(rig.db, 'root-key');
      await rig.call('zones.save', { zone: { name: 'hk' } });
      await rig.call('hosts.add', {
        host: draft('old', { address: '10.0.0.9', credential: 'root-key', labels: { role: 'db' }, groups: ['db'] }),
      });
      await rig.call('hosts.add', { host: draft('gone') });
    });

    const csv = (...lines: string[]) => ({ format: 'csv', text: lines.join('\n') });
    const preview = (file: object) => rig.call('hosts.importPreview', file);
    const apply = (file: object, digest: string, as?: Caller) => rig.call('hosts.importApply', { ...file, digest }, as);
    const names = async () => (await rig.call('hosts.list', {})).items.map((host) => host.name);

    it('adds and changes what the file says, and nothing else', async () => {
      const file = csv(
        'name,address,zone,groups,labels',
        'old,10.0.0.10,default,db;db/pg,role=db;canary',
        'new-2,10.1.0.2,hk,web/www,',
        'new-1,10.1.0.1,hk,,role=web',
      );
      const seen = await preview(file);
      expect(seen).toMatchObject({
        added: [
          draft('new-2', { address: '10.1.0.2', zone: 'hk', groups: ['web/www'] }),
          draft('new-1', { address: '10.1.0.1', zone: 'hk', labels: { role: 'web' } }),
        ],
        changed: [
          {
            name: 'old',
            fields: [
              { field: 'address', from: '10.0.0.9', to: '10.0.0.10' },
              { field: 'labels', from: 'role=db', to: 'canary; role=db' },
              { field: 'groups', from: 'db', to: 'db; db/pg' },
            ],
          },
        ],
        removed: [],
        unchanged: 0,
        problems: [],
      });
      expect(await names()).toEqual(['gone', 'old']);
      expect(await apply(file, seen.digest)).toEqual({ added: 2, changed: 1, removed: 0 });
      expect(rig.seen.notes[0]?.details).toEqual({ added: 'new-[1-2]', changed: 'old' });
      expect(await names()).toEqual(['gone', 'new-1', 'new-2', 'old']);
      const old = await rig.call('hosts.get', { name: 'old' });
      expect(old).toMatchObject({ address: '10.0.0.10', credential: 'root-key', groups: ['db', 'db/pg'] });
      expect(await preview(file)).toMatchObject({ added: [], changed: [], unchanged: 3 });
    });

    it('removes what is missing in the zones of the file, only when asked', async () => {
      await rig.call('hosts.add', { host: draft('far', { zone: 'hk' }) });
      const file = { ...csv('name', 'old'), removeMissing: true };
      const seen = await preview(file);
      expect(seen).toMatchObject({ added: [], changed: [], removed: ['gone'], unchanged: 1 });
      expect(await apply(file, seen.digest)).toEqual({ added: 0, changed: 0, removed: 1 });
      expect(await names()).toEqual(['far', 'old']);
    });

    it('reads the nested form', async () => {
      const file = { format: 'yaml', text: 'web:\n  www: [w-1, w-2]\n  api:\n    - { name: w-1, port: 2222 }\n' };
      const seen = await preview(file);
      expect(seen.problems).toEqual([]);
      await apply(file, seen.digest);
      expect(await rig.call('hosts.get', { name: 'w-1' })).toMatchObject({
        address: 'w-1',
        port: 2222,
        user: 'root',
        groups: ['web/api', 'web/www'],
      });
    });

    it('is refused when the inventory or the file changed since the preview', async () => {
      const file = csv('name,address', 'old,10.0.0.10', 'new,10.0.0.11');
      const { digest } = await preview(file);
      expect((await refusal(apply(csv('name,address', 'old,10.0.0.66', 'new,10.0.0.11'), digest))).code).toBe(
        'CONFLICT',
      );
      await rig.call('hosts.update', { name: 'gone', changes: { port: 23 } });
      await rig.call('hosts.update', { name: 'old', changes: { user: 'deploy' } });
      expect((await refusal(apply(file, digest))).code).toBe('CONFLICT');
      await rig.call('hosts.add', { host: draft('new') });
      expect((await refusal(apply(file, (await preview(file)).digest.replace(/./, '-')))).code).toBe('CONFLICT');
      await apply(file, (await preview(file)).digest);
    });

    it('shows what is missing with its line, and applies nothing then', async () => {
      const file = csv('name,zone,credential', 'a,mars,', 'b,hk,no-key', 'c,hk,');
      const seen = await preview(file);
      expect(seen.problems).toEqual([
        { line: 2, message: 'There is no zone mars; add it first: om zones add mars' },
        { line: 3, message: 'There is no credential no-key; add it first: om credentials add no-key' },
      ]);
      const error = await refusal(apply(file, seen.digest));
      expect(error).toMatchObject({ code: 'INVALID_PARAMS', details: { problems: seen.problems } });
      expect(await names()).toEqual(['gone', 'old']);
      expect((await preview(csv('name', '京'))).problems).toEqual([
        { line: 2, message: '京 is new and needs an address.' },
      ]);
    });

    it('keeps jump hosts', async () => {
      await rig.call('zones.save', { zone: { name: 'hk', jumpHosts: ['gone'] } });
      const seen = await preview({ ...csv('name', 'old'), removeMissing: true });
      expect(seen.problems[0]?.message).toContain('jump host of zone hk');
    });

    it('needs credential.use for every credential it attaches or sends elsewhere', async () => {
      const attach = csv('name,credential', 'new,root-key');
      const noUse = without('credential.use');
      expect((await refusal(apply(attach, (await preview(attach)).digest, noUse))).code).toBe('FORBIDDEN');
      const move = csv('name,address', 'old,10.6.6.6');
      expect((await refusal(apply(move, (await preview(move)).digest, noUse))).code).toBe('FORBIDDEN');
      const label = csv('name,labels', 'old,role=web');
      await apply(label, (await preview(label)).digest, noUse);
      expect(await names()).toEqual(['gone', 'old']);
    });

    it('takes ten thousand servers, adds, changes and removes them', async () => {
      const all = Array.from({ length: 10_000 }, (_, i) => i);
      const lines = (zone: string) =>
        all.map((i) => `h-${i},10.2.${i >> 8}.${i & 255},${zone},all/${i % 50},n=${i % 7}`);
      const first = csv('name,address,zone,groups,labels', ...lines('hk'));
      const added = await preview(first);
      expect(added.added).toHaveLength(10_000);
      expect(await apply(first, added.digest)).toMatchObject({ added: 10_000 });
      expect(rig.seen.notes[0]?.details).toEqual({ added: 'h-[0-9999]' });
      const second = csv('name,address,zone,groups,labels', ...lines('hk').map((line) => `${line}${line.length % 3}`));
      expect(await apply(second, (await preview(second)).digest)).toMatchObject({ changed: 10_000 });
      const resolved = await rig.inventory.resolve(rig.db.knex, 'group:all');
      expect(compressRanges(resolved.map((host) => host.name))).toBe('h-[0-9999]');
      const third = { ...csv('name,zone', 'h-0,hk'), removeMissing: true };
      expect(await apply(third, (await preview(third)).digest)).toEqual({ added: 0, changed: 0, removed: 9_999 });
    });
  });
});
