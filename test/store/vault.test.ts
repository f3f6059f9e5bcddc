import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CredentialSecret } from '@omanager/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { type AccessRig, outcome, startAccess, type TestConnection } from './accessRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const passphrase = 'passphrase-9f3a1c';
const sudoPassword = 'sudo-password-77c2';

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('vault on $name', ({ missing, open }) => {
  describe.skipIf(missing || !has('sshKeygen'))('', () => {
    let database: TestDatabase;
    let rig: AccessRig;
    let admin: TestConnection;
    let keys: ReturnType<typeof makeKeys>;

    beforeAll(async () => {
      database = await open();
      keys = makeKeys();
    });
    afterAll(() => database?.close());
    beforeEach(async () => {
      await database.db.knex('hosts').delete();
      ({ rig, admin } = await startAccess(database.db));
      return () => rig.access.close();
    });

    const keySecret = (): CredentialSecret => ({
      kind: 'key',
      privateKey: keys.encrypted.text,
      passphrase,
      sudoPassword,
    });

    it('seals a key, shows its fingerprint, and opens it only inside', async () => {
      const added = await admin.call('credentials.add', { name: 'web-root', secret: keySecret() });
      expect(added).toMatchObject({
        ...{ name: 'web-root', kind: 'key', version: 1, hasSudoPassword: true, hosts: 0 },
        fingerprint: keys.encrypted.fingerprint,
      });
      expect(await admin.call('credentials.get', { name: 'web-root' })).toEqual(added);
      expect((await admin.call('credentials.list', {})).items).toEqual([added]);
      const opened = await rig.vault.open(added.id);
      expect(opened).toMatchObject({ id: added.id, name: 'web-root', version: 1 });
      if (opened.secret.kind !== 'key') throw new Error('a key was put in');
      expect(opened.secret).toMatchObject({ sudoPassword });
      // The passphrase was used once and is kept nowhere.
      expect(opened.secret.passphrase).toBeUndefined();
      expect(publicKeyOf(opened.secret.privateKey)).toBe(keys.encrypted.publicKey);
    });

    it('replaces a secret under a new version and tells whoever uses the old one', async () => {
      const { id } = await admin.call('credentials.add', { name: 'web-root', secret: keySecret() });
      const heard: string[] = [];
      const undo = rig.vault.onChange((changed) => void heard.push(changed));
      const secret = { kind: 'password', password: 'a password of the host' } as const;
      expect(await admin.call('credentials.replace', { name: 'web-root', secret })).toMatchObject({
        ...{ id, kind: 'password', version: 2, fingerprint: null, hasSudoPassword: false },
      });
      expect(heard).toEqual([id]);
      expect((await rig.vault.open(id)).secret).toEqual(secret);
      await admin.call('credentials.remove', { name: 'web-root' });
      expect(heard).toEqual([id, id]);
      undo();
      expect(await outcome(rig.vault.open(id))).toBe('NOT_FOUND');
      expect((await rig.vault.openMany([id, randomUUID()])).size).toBe(0);
    });

    it('replaces once when two do so at the same moment with the same call', async () => {
      await admin.call('credentials.add', { name: 'db', secret: { kind: 'password', password: 'one' } });
      const callId = randomUUID();
      const params = { name: 'db', secret: { kind: 'password', password: 'two' } } as const;
      const again = () => outcome(admin.call('credentials.replace', params, callId));
      expect(await Promise.all([again(), again(), again()])).toEqual(['ok', 'ok', 'ok']);
      expect(await admin.call('credentials.get', { name: 'db' })).toMatchObject({ version: 2 });
    });

    it('opens no row that was swapped, set back or edited', async () => {
      const one = await admin.call('credentials.add', { name: 'one', secret: { kind: 'password', password: 'first' } });
      const two = await admin.call('credentials.add', { name: 'two', secret: { kind: 'password', password: 'other' } });
      const table = () => database.db.knex('credentials');
      const sealedOf = async (id: string) => (await table().where({ id }).first('sealed')).sealed;
      const old = await sealedOf(one.id);
      await table()
        .where({ id: one.id })
        .update({ sealed: await sealedOf(two.id) });
      await expect(rig.vault.open(one.id)).rejects.toThrow();
      await table().where({ id: one.id }).update({ sealed: old });
      await admin.call('credentials.replace', { name: 'one', secret: { kind: 'password', password: 'second' } });
      await table().where({ id: one.id }).update({ sealed: old });
      await expect(rig.vault.open(one.id)).rejects.toThrow();
      await table().where({ id: two.id }).update({ kind: 'key' });
      await expect(rig.vault.open(two.id)).rejects.toThrow();
    });

    it('refuses keys it cannot use, and says why without a word of them', async () => {
      const add = (secret: CredentialSecret) =>
        admin.call('credentials.add', { name: 'bad', secret }).catch((error: Error) => error.message);
      const key = (privateKey: string, secret?: string): CredentialSecret => ({
        ...{ kind: 'key', privateKey },
        ...(secret === undefined ? {} : { passphrase: secret }),
      });
      expect(await add(key(keys.encrypted.text))).toContain('give its passphrase');
      expect(await add(key(keys.encrypted.text, 'wrong-5512ab'))).toContain('does not open with this passphrase');
      expect(await add(key(keys.encrypted.publicText))).toContain('public half');
      expect(await add(key('secret-looking text 4411'))).toContain('cannot be read');
      expect((await admin.call('credentials.list', {})).items).toEqual([]);
      const traces = JSON.stringify([await database.db.knex('action_events'), rig.logged]);
      for (const secret of ['wrong-5512ab', 'secret-looking', keys.encrypted.text.split('\n')[1] ?? '']) {
        expect(traces).not.toContain(secret);
      }
    });

    it('counts its hosts, and stays while one uses it', async () => {
      const { id } = await admin.call('credentials.add', { name: 'web', secret: { kind: 'password', password: 'x' } });
      for (const name of ['web-02', 'web-01', 'web-03', 'web-04', 'web-05', 'web-06']) await addHost(name, id);
      expect(await admin.call('credentials.get', { name: 'web' })).toMatchObject({ hosts: 6 });
      const refused = await admin.call('credentials.remove', { name: 'web' }).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('web-01, web-02, web-03, web-04, web-05 and others'),
      });
      await database.db.knex('hosts').delete();
      expect(await outcome(admin.call('credentials.remove', { name: 'web' }))).toBe('ok');
      expect(await outcome(admin.call('credentials.remove', { name: 'web' }))).toBe('NOT_FOUND');
    });

    it('is for admins to write, for some to see the names, and tells names to the inventory', async () => {
      const secret = { kind: 'password', password: 'x' } as const;
      const { id } = await admin.call('credentials.add', { name: 'web', secret });
      const [operator, viewer] = [await rig.user('anna', 'operator'), await rig.user('berta', 'viewer')];
      expect(await outcome(operator.call('credentials.list', {}))).toBe('ok');
      expect(await outcome(operator.call('credentials.add', { name: 'more', secret }))).toBe('FORBIDDEN');
      expect(await outcome(viewer.call('credentials.list', {}))).toBe('FORBIDDEN');
      expect(await outcome(admin.call('credentials.add', { name: 'web', secret }))).toBe('CONFLICT');
      const { knex } = database.db;
      expect(await rig.vault.names.idsByName(knex, ['web', 'none'])).toEqual(new Map([['web', id]]));
      expect(await rig.vault.names.byIds(knex, [id])).toEqual(new Map([[id, { name: 'web', version: 1 }]]));
    });

    it('leaves no secret in any table, in any file of the database, or in the log', async () => {
      const secrets = [passphrase, sudoPassword, 'host-password-a81f', 'replaced-password-0c3d', 'refused-password-6e'];
      await admin.call('credentials.add', { name: 'key', secret: keySecret() });
      const callId = randomUUID();
      const add = { name: 'pw', secret: { kind: 'password', password: 'host-password-a81f', sudoPassword } } as const;
      for (let i = 0; i < 2; i++) await admin.call('credentials.add', add, callId);
      const replace = { name: 'pw', secret: { kind: 'password', password: 'replaced-password-0c3d' } } as const;
      await admin.call('credentials.replace', replace);
      const refused = { name: 'pw', secret: { kind: 'password', password: 'refused-password-6e' } } as const;
      expect(await outcome(admin.call('credentials.add', refused))).toBe('CONFLICT');
      const viewer = await rig.user('berta', 'viewer');
      expect(await outcome(viewer.call('credentials.add', refused))).toBe('FORBIDDEN');
      const privateLine = keys.encrypted.text.split('\n')[3] ?? '';
      const found = await bytesOf(database);
      expect(found.includes('replaced')).toBe(false);
      for (const secret of [...secrets, privateLine]) {
        expect([secret, found.includes(secret)]).toEqual([secret, false]);
        expect(rig.logged.join()).not.toContain(secret);
      }
    });

    async function addHost(name: string, credentialId: string): Promise<void> {
      const { knex } = database.db;
      const at = Date.now();
      const zone = await knex('zones').first('id');
      const zoneId = zone?.id ?? randomUUID();
      if (!zone) {
        await knex('zones').insert({ id: zoneId, name: 'default', title: '', host_key_policy: 'ask', created_at: at });
      }
      await knex('hosts').insert({
        ...{ id: randomUUID(), name, address: '127.0.0.1', port: 22, user_name: 'root', environment: 'default' },
        ...{ credential_id: credentialId, zone_id: zoneId, labels: '{}', created_at: at, updated_at: at },
      });
    }
  });
});

/** Everything the database holds: all its files for SQLite, all rows of all tables otherwise. */
async function bytesOf({ db }: TestDatabase): Promise<Buffer> {
  if (db.kind === 'sqlite') {
    const [main] = await db.knex.raw('pragma database_list');
    const folder = dirname(main.file);
    return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  }
  const [tables] = await db.knex.raw('show tables');
  const parts: Buffer[] = [];
  for (const table of tables) {
    const rows: Record<string, unknown>[] = await db.knex(String(Object.values(table)[0]));
    for (const value of rows.flatMap((row) => Object.values(row))) {
      parts.push(Buffer.isBuffer(value) ? value : Buffer.from(String(value)));
    }
  }
  return Buffer.concat(parts);
}

function makeKeys() {
  const folder = mkdtempSync(join(tmpdir(), 'om-vault-'));
  try {
    const file = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);
    const publicText = readFileSync(`${file}.pub`, 'utf8');
    const printed = execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' });
    return {
      encrypted: {
        text: readFileSync(file, 'utf8'),
        publicText,
        publicKey: publicText.split(' ')[1] ?? '',
        fingerprint: printed.split(' ')[1] ?? '',
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What OpenSSH itself says is the public half. */
function publicKeyOf(privateKey: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'om-vault-'));
  try {
    const file = join(folder, 'key');
    writeFileSync(file, privateKey, { mode: 0o600 });
    return execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).split(' ')[1]?.trim() ?? '';
  } finally {
    rmSync(folder, { recursive: true });
  }
}
