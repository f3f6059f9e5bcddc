import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databases, type TestDatabase } from './databases.ts';
import { addCredential, clearInventory, createRig, draft, type Rig, refusal, without } from './inventoryRig.ts';

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('inventory on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: Rig;
    beforeAll(async () => {
      database = await open();
      rig = createRig(database.db);
    });
    afterAll(() => database?.close());
    beforeEach(() => clearInventory(rig));

    describe('hosts', () => {
      it('are added with labels and groups, and shown as written', async () => {
        await addCredential(rig.db, 'web-root');
        const host = draft('web-01', {
          credential: 'web-root',
          environment: '生产',
          labels: { role: 'web', canary: '' },
          groups: ['网站/首页', 'web/www'],
        });
        const added = await rig.call('hosts.add', { host });
        expect(added).toMatchObject({ ...host, groups: ['web/www', '网站/首页'] });
        expect(await rig.call('hosts.get', { name: 'web-01' })).toEqual(added);
        expect(rig.seen.notes).toEqual([]);
      });

      it('refuse unknown zones and credentials with what to do', async () => {
        const zone = await refusal(rig.call('hosts.add', { host: draft('a', { zone: 'hk' }) }));
        expect(zone).toMatchObject({
          code: 'NOT_FOUND',
          message: 'There is no zone hk; add it first: om zones add hk.',
        });
        const credential = await refusal(rig.call('hosts.add', { host: draft('a', { credential: 'nope' }) }));
        expect(credential.message).toContain('om credentials add nope');
        expect((await rig.call('hosts.list', {})).items).toEqual([]);
      });

      it('have names that compare bytes, each once', async () => {
        await rig.call('hosts.add', { host: draft('web') });
        await rig.call('hosts.add', { host: draft('Web') });
        await rig.call('hosts.add', { host: draft('wéb') });
        expect((await refusal(rig.call('hosts.add', { host: draft('web') }))).code).toBe('CONFLICT');
        const { items } = await rig.call('hosts.list', {});
        expect(items.map((host) => host.name)).toEqual(['Web', 'web', 'wéb']);
      });

      it('are paged by name, also within a selector, without gap or repeat', async () => {
        for (let i = 0; i < 7; i++)
          await rig.call('hosts.add', { host: draft(`h-${i}`, { groups: i % 2 ? ['odd'] : [] }) });
        const names: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await rig.call('hosts.list', { limit: 2, cursor, selector: '!h-3' });
          expect(page.items.length).toBeLessThanOrEqual(2);
          names.push(...page.items.map((host) => host.name));
          cursor = page.next;
        } while (cursor !== undefined);
        expect(names).toEqual(['h-0', 'h-1', 'h-2', 'h-4', 'h-5', 'h-6']);
        expect((await rig.call('hosts.list', { limit: 3, selector: 'group:odd' })).next).toBeUndefined();
      });

      it('are counted by environment and zone', async () => {
        await rig.call('zones.save', { zone: { name: 'hk' } });
        await rig.call('hosts.add', { host: draft('a', { environment: 'prod', zone: 'hk' }) });
        await rig.call('hosts.add', { host: draft('b', { environment: 'prod' }) });
        await rig.call('hosts.add', { host: draft('c', { environment: 'staging' }) });
        expect(await rig.call('hosts.count', { selector: '*' })).toEqual({
          total: 3,
          environments: { prod: 2, staging: 1 },
          zones: { default: 2, hk: 1 },
        });
        expect((await rig.call('hosts.count', { selector: ' ' })).total).toBe(0);
      });

      it('change only in what is given', async () => {
        await rig.call('hosts.add', { host: draft('a', { labels: { x: '1' }, groups: ['g'] }) });
        const changed = await rig.call('hosts.update', {
          name: 'a',
          changes: { name: 'b', port: 2222, labels: { y: '2' } },
        });
        expect(changed).toMatchObject({
          name: 'b',
          port: 2222,
          address: '10.0.0.1',
          labels: { y: '2' },
          groups: ['g'],
        });
        const before = { name: 'a', port: 22, labels: { x: '1' } };
        const after = { name: 'b', port: 2222, labels: { y: '2' } };
        expect(rig.seen.notes).toMatchObject([{ object: 'a', details: { before, after } }]);
        expect((await rig.call('hosts.list', { selector: 'label:x' })).items).toEqual([]);
        expect((await rig.call('hosts.list', { selector: 'label:y=2' })).items).toHaveLength(1);
        await rig.call('hosts.add', { host: draft('c') });
        expect((await refusal(rig.call('hosts.update', { name: 'c', changes: { name: 'b' } }))).code).toBe('CONFLICT');
        expect((await refusal(rig.call('hosts.update', { name: 'zz', changes: {} }))).code).toBe('NOT_FOUND');
      });

      it('are added at the same time, each name once, with the groups they share', async () => {
        const names = ['a', 'b', 'a', 'c', 'a', 'b'];
        const hosts = names.map((name) => draft(name, { groups: ['new/group', `own/${name}`] }));
        const added = await Promise.allSettled(hosts.map((host) => rig.call('hosts.add', { host })));
        expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
        for (const result of added) if (result.status === 'rejected') expect(result.reason.code).toBe('CONFLICT');
        expect((await rig.call('hosts.list', { selector: 'group:new/group' })).items).toHaveLength(3);
        expect((await rig.call('groups.list', {})).items).toHaveLength(6);
      });

      it.each([
        { name: '-oProxyCommand=x' },
        { name: 'a b' },
        { name: 'a\nb' },
        { name: '{{ x }}' },
        { address: '-v' },
        { address: '$(id)' },
        { user: '-l' },
        { user: 'a;b' },
        { labels: { 'a b': 'x' } },
        { labels: { a: '`id`' } },
        { groups: ['../etc'] },
      ])('never hold syntax: %o', async (wrong) => {
        const host = { ...draft('fine'), ...wrong };
        await expect(rig.call('hosts.add', { host })).rejects.toThrow();
        expect((await rig.call('hosts.list', {})).items).toEqual([]);
      });

      it('are removed all or none', async () => {
        await rig.call('hosts.add', { host: draft('a', { labels: { x: '' }, groups: ['g'] }) });
        const error = await refusal(rig.call('hosts.remove', { names: ['a', 'b'] }));
        expect(error.message).toBe('There is no server b; see om hosts list.');
        expect(await rig.call('hosts.remove', { names: ['a', 'a'] })).toEqual({ removed: 1 });
        expect(await rig.db.knex('host_labels')).toEqual([]);
        expect(await rig.db.knex('host_group_members')).toEqual([]);
      });
    });

    describe('credential.use', () => {
      const noUse = without('credential.use');
      beforeEach(async () => {
        await addCredential(rig.db, 'root-key');
        await addCredential(rig.db, 'other-key');
        await rig.call('zones.save', { zone: { name: 'hk' } });
        await rig.call('hosts.add', { host: draft('with', { credential: 'root-key' }) });
        await rig.call('hosts.add', { host: draft('bare') });
      });

      it('is needed to attach a credential', async () => {
        const host = draft('new', { credential: 'root-key' });
        expect((await refusal(rig.call('hosts.add', { host }, noUse))).code).toBe('FORBIDDEN');
        expect(rig.seen.asked).toEqual([
          { permission: 'credential.use', object: { host: 'new', credential: 'root-key' } },
        ]);
        const attach = { name: 'bare', changes: { credential: 'root-key' } };
        expect((await refusal(rig.call('hosts.update', attach, noUse))).code).toBe('FORBIDDEN');
      });

      it.each([
        { address: '10.9.9.9' },
        { port: 23 },
        { user: 'eve' },
        { zone: 'hk' },
        { credential: 'other-key' },
        { credential: null },
      ])('is needed to change %o of a host that has one', async (changes) => {
        expect((await refusal(rig.call('hosts.update', { name: 'with', changes }, noUse))).code).toBe('FORBIDDEN');
        await rig.call('hosts.update', { name: 'with', changes });
        expect(rig.seen.asked[0]).toMatchObject({ object: { host: 'with', credential: 'root-key' } });
      });

      it('is not needed for what does not touch the way to the host', async () => {
        await rig.call('hosts.update', { name: 'with', changes: { environment: 'prod', labels: { a: 'b' } } }, noUse);
        await rig.call('hosts.update', { name: 'bare', changes: { address: '10.9.9.9' } }, noUse);
        expect(rig.seen.asked).toEqual([]);
      });

      it('is needed for the way into a zone', async () => {
        const viaWith = { zone: { name: 'hk', jumpHosts: ['with'] } };
        expect((await refusal(rig.call('zones.save', viaWith, noUse))).code).toBe('FORBIDDEN');
        await rig.call('zones.save', { zone: { name: 'hk', title: 'Hong Kong' } }, noUse);
        // No jump host has a credential here, but the servers behind it do.
        await rig.call('hosts.update', { name: 'with', changes: { zone: 'hk' } });
        const viaBare = { zone: { name: 'hk', jumpHosts: ['bare'] } };
        expect((await refusal(rig.call('zones.save', viaBare, noUse))).code).toBe('FORBIDDEN');
        await rig.call('zones.save', viaBare);
      });
    });

    describe('zones', () => {
      it('start with default, which stays', async () => {
        await rig.inventory.ensureDefaults();
        const { items } = await rig.call('zones.list', {});
        expect(items).toMatchObject([{ name: 'default', jumpHosts: [], hostKeyPolicy: 'ask', hosts: 0 }]);
        expect((await refusal(rig.call('zones.remove', { name: 'default' }))).code).toBe('CONFLICT');
      });

      it('are removed when empty, with their host keys', async () => {
        await rig.call('zones.save', { zone: { name: 'hk' } });
        await rig.call('hosts.add', { host: draft('a', { zone: 'hk' }) });
        const [host] = await rig.inventory.resolve(rig.db.knex, 'a');
        if (!host) throw new Error('a was not resolved');
        await rig.inventory.hostKeys.record(
          host,
          { type: 'ssh-ed25519', key: 'AAAA', fingerprint: 'SHA256:a' },
          'unknown',
        );
        expect((await refusal(rig.call('zones.remove', { name: 'hk' }))).message).toContain('1 servers');
        await rig.call('hosts.remove', { names: ['a'] });
        await rig.call('zones.remove', { name: 'hk' });
        expect((await rig.call('hostKeys.list', {})).items).toEqual([]);
        expect((await refusal(rig.call('zones.remove', { name: 'hk' }))).code).toBe('NOT_FOUND');
      });

      it('need hostkey.trust to accept first keys', async () => {
        const zone = { name: 'lab', hostKeyPolicy: 'accept' };
        expect((await refusal(rig.call('zones.save', { zone }, without('hostkey.trust')))).code).toBe('FORBIDDEN');
        await rig.call('zones.save', { zone });
        await rig.call('zones.save', { zone: { ...zone, title: 'Lab' } }, without('hostkey.trust'));
      });
    });

    describe('routes', () => {
      beforeEach(async () => {
        await addCredential(rig.db, 'gate-key', 3);
        await rig.call('zones.save', { zone: { name: 'hk' } });
        await rig.call('zones.save', { zone: { name: 'inner' } });
        await rig.call('hosts.add', {
          host: draft('gate', { address: '1.1.1.1', port: 2200, credential: 'gate-key' }),
        });
        await rig.call('hosts.add', { host: draft('hk-gate', { zone: 'hk', address: '10.1.0.1' }) });
        await rig.call('hosts.add', { host: draft('hk-1', { zone: 'hk', address: '10.1.0.2' }) });
        await rig.call('hosts.add', { host: draft('deep', { zone: 'inner', address: '10.2.0.1' }) });
      });
      const routeOf = async (name: string) => {
        const [host] = await rig.inventory.resolve(rig.db.knex, name);
        return host?.route.map((hop) => hop.name);
      };

      it('lead through the jump hosts of the zone, outermost first', async () => {
        await rig.call('zones.save', { zone: { name: 'hk', jumpHosts: ['gate', 'hk-gate'] } });
        const [host] = await rig.inventory.resolve(rig.db.knex, 'hk-1');
        expect(host?.route).toMatchObject([
          { name: 'gate', address: '1.1.1.1', port: 2200, user: 'root', credential: { name: 'gate-key', version: 3 } },
          { name: 'hk-gate', zoneId: host?.zoneId, credentialId: null, credential: null },
        ]);
        expect(await routeOf('hk-gate')).toEqual(['gate']);
        expect(await routeOf('gate')).toEqual([]);
        expect((await rig.call('zones.list', {})).items.find((zone) => zone.name === 'hk')?.jumpHosts).toEqual([
          'gate',
          'hk-gate',
        ]);
      });

      it('must name every hop in order', async () => {
        await rig.call('zones.save', { zone: { name: 'hk', jumpHosts: ['gate'] } });
        const error = await refusal(rig.call('zones.save', { zone: { name: 'inner', jumpHosts: ['hk-gate'] } }));
        expect(error.message).toContain('Name gate before it');
        await rig.call('zones.save', { zone: { name: 'inner', jumpHosts: ['gate', 'hk-gate'] } });
        expect(await routeOf('deep')).toEqual(['gate', 'hk-gate']);
        // Moving a hop's own zone behind something else breaks the routes that lead through it.
        const later = await refusal(rig.call('zones.save', { zone: { name: 'default', jumpHosts: ['deep'] } }));
        expect(later.code).toBe('CONFLICT');
      });

      it('never form a circle, whichever way it is tried', async () => {
        await rig.call('zones.save', { zone: { name: 'hk', jumpHosts: ['gate'] } });
        expect((await refusal(rig.call('zones.save', { zone: { name: 'default', jumpHosts: ['hk-1'] } }))).code).toBe(
          'CONFLICT',
        );
        await rig.call('hosts.add', { host: draft('side') });
        await rig.call('zones.save', { zone: { name: 'inner', jumpHosts: ['side'] } });
        const move = rig.call('hosts.update', { name: 'gate', changes: { zone: 'inner' } });
        expect((await refusal(move)).code).toBe('CONFLICT');
        expect(await routeOf('gate')).toEqual([]);
        expect(
          (await refusal(rig.call('zones.save', { zone: { name: 'hk', jumpHosts: ['gate', 'gate'] } }))).message,
        ).toContain('twice');
      });

      it('keep their jump hosts', async () => {
        await rig.call('zones.save', { zone: { name: 'hk', jumpHosts: ['gate'] } });
        expect((await refusal(rig.call('hosts.remove', { names: ['gate'] }))).message).toContain(
          'jump host of zone hk',
        );
        const unknown = await refusal(rig.call('zones.save', { zone: { name: 'hk', jumpHosts: ['nowhere'] } }));
        expect(unknown.message).toContain('om hosts add nowhere');
        await rig.call('hosts.update', { name: 'gate', changes: { name: 'front' } });
        expect(await routeOf('hk-1')).toEqual(['front']);
      });
    });
  });
});
