import { createHmac, randomBytes } from 'node:crypto';
import { fingerprint } from '@omanager/ssh-fleet';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpointKey } from '../../apps/server/src/features/inventory/index.ts';
import { databases, type TestDatabase } from './databases.ts';
import { addCredential, clearInventory, createRig, draft, type Rig, refusal, without } from './inventoryRig.ts';

function makeKey(type = 'ssh-ed25519'): string {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([part(Buffer.from(type)), part(randomBytes(32))]).toString('base64');
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('known_hosts import on $name', ({ missing, open }) => {
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
      await rig.call('zones.save', { zone: { name: 'hk' } });
      await rig.call('hosts.add', { host: draft('web-01', { address: '10.0.0.1' }) });
      await rig.call('hosts.add', { host: draft('web-02', { address: '10.0.0.2', port: 2222 }) });
      await rig.call('hosts.add', { host: draft('db', { address: 'DB.example' }) });
      await rig.call('hosts.add', { host: draft('far', { address: '10.0.0.1', zone: 'hk' }) });
    });

    const load = (...lines: string[]) => rig.call('hostKeys.import', { text: lines.join('\n') });
    const trustOf = async (name: string) => {
      const [host] = await rig.inventory.resolve(rig.db.knex, name);
      if (!host) throw new Error(`${name} was not resolved`);
      const trust = await rig.inventory.hostKeys.trustOf(rig.db.knex, [host]);
      return { host, trust: trust.get(endpointKey(host)) };
    };
    const keysOf = async (name: string) => (await trustOf(name)).trust?.keys.map(({ key }) => key);

    it('trusts plain, hashed and wildcard lines of the zone, by name or address and port', async () => {
      const [plain, port, hash, wild, rsa] = [makeKey(), makeKey(), makeKey(), makeKey(), makeKey('ssh-rsa')];
      const file = [
        '# a comment',
        `web-01,192.0.2.1 ssh-ed25519 ${plain} root@x`,
        `10.0.0.1 ssh-rsa ${rsa}`,
        `${hashed('[10.0.0.2]:2222')} ssh-ed25519 ${hash}`,
        `10.0.0.2 ssh-ed25519 ${port}`,
        `*.example,!x.example ssh-ed25519 ${wild}`,
        'nonsense',
      ];
      const preview = await rig.call('hostKeys.importPreview', { text: file.join('\n') });
      expect(preview).toMatchObject({ trusted: 4, revoked: 0, unchanged: 0, unmatched: 1, problems: [{ line: 7 }] });
      expect(preview.keys[0]).toEqual({
        line: 2,
        host: 'web-01',
        type: 'ssh-ed25519',
        fingerprint: fingerprint(plain),
        state: 'trusted',
      });
      expect(await keysOf('web-01')).toEqual([]);
      expect(await load(...file)).toMatchObject({ trusted: 4, revoked: 0, unmatched: 1, problems: [{ line: 7 }] });
      expect(await keysOf('web-01')).toEqual([plain, rsa]);
      expect(await keysOf('web-02')).toEqual([hash]);
      expect(await keysOf('db')).toEqual([wild]);
      expect(await keysOf('far')).toEqual([]);
      expect(rig.seen.notes[0]?.object).toBe('default');
      expect(rig.seen.notes[0]?.details?.fingerprints).toContain(fingerprint(plain));
      expect(await load(`web-01 ssh-ed25519 ${plain}`)).toMatchObject({ trusted: 0, problems: [] });
      expect((await rig.call('hostKeys.list', { host: 'web-01' })).items[0]).toMatchObject({
        state: 'trusted',
        decidedBy: 'ada',
        fingerprint: fingerprint(plain),
      });
    });

    it('says yes to a key that waits', async () => {
      const key = makeKey();
      const { host } = await trustOf('web-01');
      const offer = (key: string) => ({ type: 'ssh-ed25519', key, fingerprint: fingerprint(key) });
      await rig.inventory.hostKeys.record(host, offer(key), 'unknown');
      await rig.inventory.hostKeys.record(host, offer(makeKey()), 'unknown');
      expect(await load(`10.0.0.1 ssh-ed25519 ${key}`)).toMatchObject({ trusted: 1 });
      expect(await keysOf('web-01')).toEqual([key]);
      expect((await rig.call('hostKeys.list', { state: 'pending' })).items).toMatchObject([{ changed: true }]);
    });

    it('never replaces a trusted key, and never takes a revoked one back', async () => {
      const [old, other] = [makeKey(), makeKey()];
      await load(`web-01 ssh-ed25519 ${old}`);
      const contradicted = await load(`web-01 ssh-ed25519 ${other}`);
      expect(contradicted).toMatchObject({ trusted: 0, problems: [{ line: 1 }] });
      expect(contradicted.problems[0]?.message).toContain(`--fingerprint ${fingerprint(other)}`);
      expect(await keysOf('web-01')).toEqual([old]);
      const [pending] = (await rig.call('hostKeys.list', { state: 'pending' })).items;
      expect(pending).toMatchObject({ changed: true, fingerprint: fingerprint(other) });
      expect(await load(`@revoked * ssh-ed25519 ${old}`)).toMatchObject({ revoked: 3, unmatched: 0 });
      expect((await trustOf('web-01')).trust).toMatchObject({ keys: [], revoked: [old] });
      expect((await trustOf('db')).trust).toMatchObject({ keys: [], revoked: [old] });
      expect((await load(`web-01 ssh-ed25519 ${old}`)).problems[0]?.message).toContain('is revoked for web-01');
    });

    it('needs the right to use the credentials that would be sent there', async () => {
      await addCredential(rig.db, 'root-key');
      await rig.call('hosts.update', { name: 'web-01', changes: { credential: 'root-key' } });
      const file = { text: `web-01 ssh-ed25519 ${makeKey()}` };
      expect((await refusal(rig.call('hostKeys.import', file, without('credential.use')))).code).toBe('FORBIDDEN');
      expect(await keysOf('web-01')).toEqual([]);
      expect((await refusal(rig.call('hostKeys.import', { ...file, zone: 'mars' }))).code).toBe('NOT_FOUND');
    });
  });
});
