import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Endpoint, endpointKey } from '../../apps/server/src/features/inventory/index.ts';
import { databases, type TestDatabase } from './databases.ts';
import { addCredential, clearInventory, createRig, draft, type Rig, refusal, without } from './inventoryRig.ts';

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('host keys on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: Rig;
    beforeAll(async () => {
      database = await open();
      rig = createRig(database.db);
    });
    afterAll(() => database?.close());

    let endpoint: Endpoint;
    const key = (n: number | string, type = 'ssh-ed25519') => ({ type, key: `AAAA${n}`, fingerprint: `SHA256:${n}` });
    const trust = async () =>
      (await rig.inventory.hostKeys.trustOf(rig.db.knex, [endpoint])).get(endpointKey(endpoint));
    const keys = async () => (await rig.call('hostKeys.list', {})).items;
    const events = async () => (await rig.db.knex('action_events').orderBy('id')).map((row) => row.action);

    beforeEach(async () => {
      await clearInventory(rig);
      await rig.call('hosts.add', { host: draft('a', { address: '10.0.0.7' }) });
      const [host] = await rig.inventory.resolve(rig.db.knex, 'a');
      if (!host) throw new Error('a was not resolved');
      endpoint = host;
    });

    it('wait for a yes when first seen, and are written once', async () => {
      expect(await trust()).toEqual({ keys: [], revoked: [], fingerprints: [], policy: 'ask' });
      const seen = [1, 1, 1].map(() => rig.inventory.hostKeys.record(endpoint, key(1), 'unknown'));
      expect(await Promise.all(seen)).toEqual(['pending', 'pending', 'pending']);
      expect(await keys()).toMatchObject([
        { address: '10.0.0.7', state: 'pending', changed: false, hosts: ['a'], zone: 'default', decidedBy: null },
      ]);
      expect(await events()).toEqual(['hostKeys.seen']);
      const [row] = await keys();
      await rig.call('hostKeys.trust', { ids: [row?.id] });
      expect(rig.seen.notes).toEqual([{ details: { fingerprints: ['SHA256:1'] } }]);
      expect(await trust()).toMatchObject({
        keys: [{ type: 'ssh-ed25519', key: 'AAAA1' }],
        fingerprints: ['SHA256:1'],
      });
      expect((await keys())[0]).toMatchObject({ state: 'trusted', decidedBy: 'ada' });
    });

    it('are accepted at first sight only where the zone says so and nothing is known', async () => {
      expect(await rig.inventory.hostKeys.record(endpoint, key(1), 'accepted')).toBe('pending');
      await rig.call('zones.save', { zone: { name: 'default', hostKeyPolicy: 'accept' } });
      const answers = [1, 2].map((n) => rig.inventory.hostKeys.record(endpoint, key(n), 'accepted'));
      expect(await Promise.all(answers)).toEqual(['trusted', 'pending']);
      expect(await keys()).toMatchObject([
        { fingerprint: 'SHA256:1', state: 'trusted', decidedBy: 'zone policy' },
        { fingerprint: 'SHA256:2', state: 'pending', changed: true },
      ]);
      expect(await trust()).toMatchObject({ policy: 'accept', fingerprints: ['SHA256:1'] });
    });

    it('that changed need their fingerprint, and replace the old key', async () => {
      await rig.inventory.hostKeys.record(endpoint, key(1), 'unknown');
      await rig.call('hostKeys.trust', { ids: (await keys()).map((row) => row.id) });
      await rig.inventory.hostKeys.record(endpoint, key(2), 'changed');
      await rig.inventory.hostKeys.record(endpoint, key('rsa', 'ssh-rsa'), 'changed');
      expect(await events()).toEqual(['hostKeys.seen', 'hostKeys.changed', 'hostKeys.changed']);
      const pending = (await rig.call('hostKeys.list', { state: 'pending' })).items;
      expect(pending.every((row) => row.changed)).toBe(true);
      const id = pending.find((row) => row.fingerprint === 'SHA256:2')?.id;
      expect((await refusal(rig.call('hostKeys.trust', { ids: [id] }))).message).toContain('ssh_host_ed25519_key.pub');
      expect((await refusal(rig.call('hostKeys.trust', { ids: [id], fingerprint: 'SHA256:1' }))).code).toBe('CONFLICT');
      await rig.call('hostKeys.trust', { ids: [id], fingerprint: 'SHA256:2' });
      expect(await trust()).toEqual({
        keys: [{ type: 'ssh-ed25519', key: 'AAAA2' }],
        revoked: ['AAAA1'],
        fingerprints: ['SHA256:2'],
        policy: 'ask',
      });
      expect(await rig.inventory.hostKeys.record(endpoint, key(1), 'changed')).toBe('revoked');
    });

    it('that compete for one server are decided one by one', async () => {
      await rig.inventory.hostKeys.record(endpoint, key(1), 'unknown');
      await rig.inventory.hostKeys.record(endpoint, key(2), 'unknown');
      const ids = (await keys()).map((row) => row.id);
      expect((await refusal(rig.call('hostKeys.trust', { ids }))).message).toContain('two different keys');
      await rig.call('hostKeys.trust', { ids: [ids[0]] });
      expect((await keys())[1]).toMatchObject({ state: 'pending', changed: true });
      expect((await refusal(rig.call('hostKeys.trust', { ids: [ids[1]] }))).code).toBe('CONFLICT');
    });

    it('are revoked and forgotten', async () => {
      await rig.inventory.hostKeys.record(endpoint, key(1), 'unknown');
      const ids = (await keys()).map((row) => row.id);
      await rig.call('hostKeys.revoke', { ids });
      expect(await trust()).toMatchObject({ keys: [], revoked: ['AAAA1'] });
      expect((await refusal(rig.call('hostKeys.trust', { ids }))).message).toContain('revoked');
      await rig.call('hostKeys.remove', { ids });
      expect(await keys()).toEqual([]);
      expect((await refusal(rig.call('hostKeys.remove', { ids }))).code).toBe('NOT_FOUND');
    });

    it('of a server with a credential need the right to use it', async () => {
      await addCredential(rig.db, 'root-key');
      await rig.call('hosts.update', { name: 'a', changes: { credential: 'root-key' } });
      await rig.inventory.hostKeys.record(endpoint, key(1), 'unknown');
      const ids = (await keys()).map((row) => row.id);
      expect((await refusal(rig.call('hostKeys.trust', { ids }, without('credential.use')))).code).toBe('FORBIDDEN');
      expect((await refusal(rig.call('hostKeys.remove', { ids }, without('credential.use')))).code).toBe('FORBIDDEN');
      await rig.call('hostKeys.trust', { ids });
    });

    it('stay bounded when a server shows a new one each time', async () => {
      for (let n = 0; n < 30; n++) await rig.inventory.hostKeys.record(endpoint, key(n), 'unknown');
      const left = (await keys()).map((row) => row.fingerprint);
      expect(left).toHaveLength(8);
      expect(left).toContain('SHA256:29');
    });

    it('are recorded by two processes at once', async () => {
      await rig.call('zones.save', { zone: { name: 'default', hostKeyPolicy: 'accept' } });
      const other = createRig(rig.db);
      const offers = [1, 2, 1, 2].map((n, i) =>
        (i < 2 ? rig : other).inventory.hostKeys.record(endpoint, key(n), 'accepted'),
      );
      expect((await Promise.all(offers)).sort()).toEqual(['pending', 'pending', 'trusted', 'trusted']);
      expect((await keys()).map((row) => row.state).sort()).toEqual(['pending', 'trusted']);
    });

    it('belong to zone, address and port', async () => {
      await rig.inventory.hostKeys.record(endpoint, key(1), 'unknown');
      await rig.inventory.hostKeys.record({ ...endpoint, port: 23 }, key(1), 'unknown');
      await rig.call('hostKeys.trust', { ids: (await keys()).map((row) => row.id) });
      await rig.call('zones.save', { zone: { name: 'hk' } });
      const [hk] = (await rig.call('zones.list', {})).items.filter((zone) => zone.name === 'hk');
      const elsewhere = { ...endpoint, zoneId: hk?.id ?? '' };
      const answer = await rig.inventory.hostKeys.trustOf(rig.db.knex, [endpoint, elsewhere]);
      expect(answer.get(endpointKey(endpoint))?.keys).toHaveLength(1);
      expect(answer.get(endpointKey(elsewhere))?.keys).toEqual([]);
      expect((await rig.call('hostKeys.list', { host: 'a' })).items).toHaveLength(1);
      expect((await rig.call('hostKeys.list', { limit: 1 })).next).toBeDefined();
    });

    it('of many first sights at once are all written', async () => {
      const many = Array.from({ length: 500 }, (_, i) => ({ ...endpoint, address: `10.1.${i >> 8}.${i & 255}` }));
      await Promise.all(many.map((end, i) => rig.inventory.hostKeys.record(end, key(i), 'unknown')));
      expect(await rig.db.knex('host_keys').count({ n: '*' })).toEqual([{ n: 500 }]);
      const answer = await rig.inventory.hostKeys.trustOf(rig.db.knex, many);
      expect(answer.size).toBe(500);
    });
  });
});
