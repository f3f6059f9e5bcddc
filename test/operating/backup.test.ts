import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { createTargetStore, type TargetRow } from '../../apps/server/src/features/audit/delivery/targetStore.ts';
import { loadSealer } from '../../apps/server/src/features/vault/masterKey.ts';
import { has } from '../lab/have.ts';
import { type Mariadb, startMariadb } from '../lab/mariadb.ts';
import { apiToken, enrolAdmin, type Operator } from '../lab/operators.ts';
import { omserver, startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';

const password = 'secret of deploy';
const hookToken = 'token-in-the-address-of-a-webhook';
const hookSecret = 'what-a-webhook-is-signed-with';
const settingToken = 'token-of-the-checkpoint-webhook';
const sudoPassword = 'never-to-be-seen-in-clear';
type Kind = 'SQLite' | 'MariaDB';
const kinds: Kind[] = has('mariadb') ? ['SQLite', 'MariaDB'] : ['SQLite'];

/** Somebody who adds servers as fast as answers come, until told to stop. */
function keepAdding(admin: Operator): { added(): number; stop(): Promise<void> } {
  let added = 0;
  let going = true;
  const work = (async () => {
    while (going) {
      const host = {
        name: `busy-${added}`,
        address: '127.0.0.1',
        user: 'ops',
        credential: 'deploy',
        groups: ['web/www'],
      };
      await admin.client.call('hosts.add', { host });
      added++;
    }
  })();
  return {
    added: () => added,
    async stop() {
      going = false;
      await work;
    },
  };
}

let mariadb: Mariadb | undefined;
beforeAll(async () => {
  if (kinds.includes('MariaDB')) mariadb = await startMariadb();
});
afterAll(() => mariadb?.stop());

describe.each(kinds)('a backup of %s while operators work', (kind) => {
  let server: TestServer;
  let admin: Operator;
  let database: string | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'om-backup-test-'));
  const file = join(folder, 'om.backup');
  let token: string;

  const environment = (dataDir: string, url: string | undefined): Record<string, string> => ({
    OM_DATA_DIR: dataDir,
    OM_CHECKPOINT_WEBHOOK: `http://127.0.0.1:9/?token=${settingToken}`,
    ...(url === undefined ? {} : { OM_DATABASE_URL: url }),
  });

  beforeAll(async () => {
    database = kind === 'MariaDB' ? await mariadb?.createDatabase() : undefined;
    server = await startServer(database === undefined ? {} : { database });
    admin = await enrolAdmin(server);
    await admin.client.call('credentials.add', {
      name: 'deploy',
      secret: { kind: 'password', password, sudoPassword },
    });
    await admin.client.call('alertTargets.add', {
      target: { name: 'hook', kind: 'webhook', url: `https://hook.example/?t=${hookToken}`, secret: hookSecret },
    });
    token = await apiToken(admin, 'viewer', 'ci');
    await admin.client.call('invites.create', { role: 'viewer' });
    const writer = keepAdding(admin);
    await waitFor('some servers', () => writer.added() > 20);
    const done = await omserver(['backup', file], environment(server.dataDir, database));
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('with its keys');
    const during = writer.added();
    await waitFor('it went on', () => writer.added() > during);
    await writer.stop();
  });
  afterAll(async () => {
    admin?.client.close();
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  it('is private and holds no secret in clear but its keys', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['om.backup']);
    const content = gunzipSync(readFileSync(file)).toString('utf8');
    expect(content).toContain('busy-1');
    const ours = [password, sudoPassword, hookToken, hookSecret, settingToken];
    for (const secret of [...ours, token, admin.password, admin.session]) {
      for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(content).not.toContain(form);
    }
  });

  it.each(kinds)('restores into %s, and everything opens', async (target) => {
    const dataDir = mkdtempSync(join(folder, 'restored-'));
    const url = target === 'MariaDB' ? await mariadb?.createDatabase() : undefined;
    const env = environment(dataDir, url);
    const restored = await omserver(['restore', file], env);
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.stderr).not.toContain(settingToken);
    expect(restored.stdout).toMatch(/^Restored \d+ tables with \d+ rows from a backup of /);

    const doctor = await omserver(['doctor', '--json'], env);
    const findings: { check: string; level: string; message: string }[] = doctor.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'vault',
        message: expect.stringMatching(/^the master key opens what is sealed/),
      }),
    );
    const revived = findings.filter(({ check }) => check === 'restored').map(({ message }) => message);
    expect(revived).toHaveLength(4);
    expect(revived).toContainEqual(expect.stringMatching(/^device \S+ \(admin: admin's device\) is valid again/));
    expect(revived).toContainEqual(expect.stringMatching(/^token \S+ \(admin: ci\) is valid again/));
    expect(revived).toContainEqual(expect.stringMatching(/^invite \S+ \(viewer\) is valid again/));

    const again = await startServer({ dataDir, ...(url === undefined ? {} : { database: url }) });
    try {
      expect(again.firstInviteLink()).toBeNull();
      const countOf = async (selector: string): Promise<number> => {
        const answer = await fetch(`${again.url}/rpc`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hosts.count', params: { selector } }),
        });
        return z.object({ result: z.object({ total: z.int() }) }).parse(await answer.json()).result.total;
      };
      // One moment: as many servers as members of their group, none half added.
      const count = await countOf('*');
      expect(count).toBeGreaterThan(20);
      expect(await countOf('group:web/www')).toBe(count);
      expect(readFileSync(join(dataDir, 'server.key'))).toEqual(readFileSync(join(server.dataDir, 'server.key')));
      // Nobody is signed in by a restore; the device still is enrolled.
      const db = openDatabase(
        url === undefined
          ? { kind: 'sqlite', file: join(dataDir, 'omserver.db') }
          : { kind: 'mysql', url, verifyTls: false },
      );
      expect(await db.knex('sessions').whereNull('ended_at')).toEqual([]);
      expect(await db.knex('devices').whereNull('revoked_at')).toHaveLength(1);
      expect(await db.knex('action_events').where({ action: 'system.restore' })).toHaveLength(1);
      const sealer = await loadSealer({ db, file: join(dataDir, 'master.key') });
      const targets: TargetRow[] = await db.knex('alert_targets');
      expect(targets.map(createTargetStore(sealer).open)).toEqual([
        { url: `https://hook.example/?t=${hookToken}`, secret: hookSecret },
      ]);
      await db.close();
    } finally {
      await again.stop();
    }

    const twice = await omserver(['restore', file], env);
    expect(twice.code).toBe(3);
    expect(twice.stderr).toContain('a backup is restored into an empty place only');
  });
});

describe('omserver restore', () => {
  let server: TestServer;
  const folder = mkdtempSync(join(tmpdir(), 'om-restore-test-'));

  beforeAll(async () => {
    server = await startServer();
    const admin = await enrolAdmin(server);
    await admin.client.call('credentials.add', { name: 'deploy', secret: { kind: 'password', password: 'p' } });
    admin.client.close();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('says which secret settings are missing, not what they were', async () => {
    const file = join(folder, 'secrets.backup');
    const secret = { OM_METRICS_TOKEN: 'a-token-of-twenty-letters', OM_CHECKPOINT_WEBHOOK: 'https://a.example/?t=abc' };
    const env = { OM_DATA_DIR: server.dataDir, ...secret };
    expect(await omserver(['backup', '--without-keys', file], env)).toMatchObject({ code: 0 });
    const content = gunzipSync(readFileSync(file)).toString('utf8');
    for (const value of Object.values(secret)) expect(content).not.toContain(value);
    const empty = { OM_DATA_DIR: join(folder, 'for-secrets') };
    mkdirSync(empty.OM_DATA_DIR, { mode: 0o700 });
    for (const name of ['server.key', 'master.key'])
      copyFileSync(join(server.dataDir, name), join(empty.OM_DATA_DIR, name));
    const { code, stderr } = await omserver(['restore', file], empty);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        'OM_CHECKPOINT_WEBHOOK set, a secret that is not in the backup; here it is not set',
      ),
    });
    expect(stderr).toContain('OM_METRICS_TOKEN');
  });

  it('refuses while a server runs, and moves aside what is there only with --force', async () => {
    const file = join(folder, 'a.backup');
    const env = { OM_DATA_DIR: server.dataDir };
    expect(await omserver(['backup', file], env)).toMatchObject({ code: 0 });
    expect((await omserver(['restore', '--force', file], env)).stderr).toContain('another omserver uses');
    await server.terminate();
    expect((await omserver(['restore', file], env)).stderr).toContain('or use --force');
    const forced = await omserver(['restore', '--force', file], env);
    expect(forced).toMatchObject({ code: 0 });
    const aside = readdirSync(server.dataDir).find((name) => name.startsWith('before-restore-')) ?? '';
    expect(readdirSync(join(server.dataDir, aside))).toEqual(
      expect.arrayContaining(['omserver.db', 'server.key', 'master.key']),
    );
    await server.restart();
  });

  it('refuses a damaged or cut file by name, and touches nothing', async () => {
    const file = join(folder, 'b.backup');
    expect(await omserver(['backup', file], { OM_DATA_DIR: server.dataDir })).toMatchObject({ code: 0 });
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1);
    for (const bytes of [whole.subarray(0, whole.length >> 1), flipped]) {
      const bad = join(folder, 'bad.backup');
      const dataDir = join(folder, 'untouched');
      writeFileSync(bad, bytes);
      const refused = await omserver(['restore', bad], { OM_DATA_DIR: dataDir });
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain(`omserver: the backup ${bad} cannot be used: `);
      expect(existsSync(dataDir)).toBe(false);
    }
  });

  it('needs the keys of a backup that was made without them', async () => {
    const file = join(folder, 'keyless.backup');
    expect(await omserver(['backup', '--without-keys', file], { OM_DATA_DIR: server.dataDir })).toMatchObject({
      code: 0,
    });
    const dataDir = mkdtempSync(join(folder, 'keyless-'));
    const refused = await omserver(['restore', file], { OM_DATA_DIR: dataDir });
    expect(refused.stderr).toContain(`put the server.key of that server at ${join(dataDir, 'server.key')} first`);
    for (const name of ['server.key', 'master.key']) {
      writeFileSync(join(dataDir, name), readFileSync(join(server.dataDir, name)), { mode: 0o600 });
    }
    expect(await omserver(['restore', file], { OM_DATA_DIR: dataDir })).toMatchObject({ code: 0 });
  });

  it('puts nothing back when the key file is another server’s', async () => {
    const file = join(folder, 'keyless2.backup');
    expect(await omserver(['backup', '--without-keys', file], { OM_DATA_DIR: server.dataDir })).toMatchObject({
      code: 0,
    });
    const other = await startServer();
    try {
      const dataDir = mkdtempSync(join(folder, 'foreign-'));
      for (const name of ['server.key', 'master.key']) {
        writeFileSync(join(dataDir, name), readFileSync(join(other.dataDir, name)), { mode: 0o600 });
      }
      const refused = await omserver(['restore', file], { OM_DATA_DIR: dataDir });
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('does not belong to this database');
      const db = openDatabase({ kind: 'sqlite', file: join(dataDir, 'omserver.db') });
      expect(await db.knex('users').first()).toBeUndefined();
      await db.close();
    } finally {
      await other.stop();
    }
  });
});
