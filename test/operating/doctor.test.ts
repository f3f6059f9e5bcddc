import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../apps/server/src/commands/doctor/finding.ts';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { runOmserver } from '../../apps/server/src/program.ts';
import { has } from '../lab/have.ts';
import { type Mariadb, startMariadb } from '../lab/mariadb.ts';
import { enrolAdmin } from '../lab/operators.ts';
import { startRedis } from '../lab/redis.ts';
import { startServer } from '../lab/server.ts';
import { makeForeignSqlite } from '../store/databases.ts';

/** Runs doctor in this process; only what is no `ok`, unless all are asked for. */
async function doctor(env: Record<string, string>, all = false): Promise<{ code: number; findings: Finding[] }> {
  let text = '';
  const stdout = { write: (more: string) => (text += more) };
  const code = await runOmserver(['doctor', '--json'], {
    env,
    stdout,
    stderr: stdout,
    signal: new AbortController().signal,
  });
  const findings: Finding[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { code, findings: all ? findings : findings.filter(({ level }) => level !== 'ok') };
}

const finding = (level: string, check: string, message: string) =>
  expect.objectContaining({
    level,
    check,
    message: expect.stringContaining(message),
    mend: expect.stringMatching(/./),
  });

describe('omserver doctor', () => {
  let dataDir: string;
  const folder = mkdtempSync(join(tmpdir(), 'om-doctor-'));

  beforeAll(async () => {
    dataDir = join(folder, 'data');
    const server = await startServer({ dataDir });
    const admin = await enrolAdmin(server);
    for (const name of ['one', 'two']) {
      await admin.client.call('credentials.add', { name, secret: { kind: 'password', password: 'p' } });
    }
    admin.client.close();
    await server.stop();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds a fresh installation well', async () => {
    const { code, findings } = await doctor({ OM_DATA_DIR: dataDir }, true);
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(code).toBe(0);
    const checks = new Set(findings.map(({ check }) => check));
    for (const check of [
      'settings',
      'data folder',
      'server key',
      'master key',
      'node',
      'disk',
      'database',
      'integrity',
      'schema',
      'vault',
    ]) {
      expect(checks).toContain(check);
    }
  });

  it('says where checkpoints go, and that beside the database is no good place', async () => {
    const at = async (file: string) =>
      (await doctor({ OM_DATA_DIR: dataDir, OM_CHECKPOINT_FILE: file }, true)).findings.filter(
        ({ check }) => check === 'checkpoints',
      );
    expect(await at(join(dataDir, 'ledger.checkpoints'))).toEqual([
      expect.objectContaining({ level: 'ok', message: expect.stringMatching(/^file .*: block \d+ was sent at /) }),
      finding('warning', 'checkpoints', 'beside the database'),
    ]);
    expect(await at('none')).toEqual([finding('warning', 'checkpoints', 'none leaves')]);
    expect(await at('/mnt/elsewhere')).toEqual([
      expect.objectContaining({ level: 'ok', message: 'file /mnt/elsewhere: nothing was sent yet' }),
    ]);
  });

  it('names a database file that cannot give space back', async () => {
    const foreign = join(folder, 'foreign');
    mkdirSync(foreign, { mode: 0o700 });
    await makeForeignSqlite(join(foreign, 'omserver.db'));
    const { findings } = await doctor({ OM_DATA_DIR: foreign });
    expect(findings).toContainEqual(finding('warning', 'space', 'auto_vacuum'));
    expect((await doctor({ OM_DATA_DIR: dataDir }, true)).findings.map(({ check }) => check)).not.toContain('space');
  });

  it('speaks of a folder that is not there yet', async () => {
    const { code, findings } = await doctor({ OM_DATA_DIR: join(folder, 'nowhere') });
    expect(code).toBe(0);
    expect(findings).toContainEqual(finding('warning', 'data folder', 'does not exist yet'));
    expect(findings).toContainEqual(finding('warning', 'database', 'does not exist yet'));
  });

  it('names wrong and unknown settings', async () => {
    const wrong = await doctor({ OM_DATA_DIR: dataDir, OM_PORT: 'x', OM_PARALLEL: '0' });
    expect(wrong.code).toBe(2);
    expect(wrong.findings).toContainEqual(finding('problem', 'settings', 'OM_PORT'));
    expect(wrong.findings).toContainEqual(finding('problem', 'settings', 'OM_PARALLEL'));
    const unknown = await doctor({ OM_DATA_DIR: dataDir, OM_PROT: '1', OM_HOST: '0.0.0.0', OM_PROFILE: 'of om' });
    expect(unknown.code).toBe(0);
    expect(unknown.findings).toContainEqual(finding('warning', 'settings', 'OM_PROT is no setting'));
    expect(unknown.findings).toContainEqual(finding('warning', 'exposure', 'without TLS'));
    expect(unknown.findings).toContainEqual(finding('warning', 'exposure', 'invite links will name localhost'));
    expect(JSON.stringify(unknown.findings)).not.toContain('OM_PROFILE');
  });

  it('names files that are open to others', async () => {
    const modules = join(folder, 'modules');
    mkdirSync(modules);
    chmodSync(modules, 0o775);
    chmodSync(join(dataDir, 'server.key'), 0o644);
    chmodSync(dataDir, 0o750);
    try {
      const { code, findings } = await doctor({ OM_DATA_DIR: dataDir, OM_MODULE_DIR: modules });
      expect(code).toBe(2);
      expect(findings).toContainEqual(finding('problem', 'server key', 'can be read by others (644)'));
      expect(findings).toContainEqual(finding('problem', 'data folder', 'is open to others (750)'));
      expect(findings).toContainEqual(finding('problem', 'modules', 'can be written by its group'));
    } finally {
      chmodSync(join(dataDir, 'server.key'), 0o600);
      chmodSync(dataDir, 0o700);
    }
  });

  it('notices a master key that is missing or another server’s', async () => {
    const file = join(dataDir, 'master.key');
    renameSync(file, join(folder, 'master.key'));
    try {
      const missing = await doctor({ OM_DATA_DIR: dataDir });
      expect(missing.code).toBe(2);
      expect(missing.findings).toContainEqual(finding('problem', 'vault', 'is missing, and the database needs it'));
    } finally {
      renameSync(join(folder, 'master.key'), file);
    }
    const other = join(folder, 'other');
    const server = await startServer({ dataDir: other });
    await server.stop();
    const foreign = await doctor({ OM_DATA_DIR: dataDir, OM_MASTER_KEY_FILE: join(other, 'master.key') });
    expect(foreign.findings).toContainEqual(finding('problem', 'vault', "is another database's"));
  });

  it('notices sealed rows that were swapped', async () => {
    const db = openDatabase({ kind: 'sqlite', file: join(dataDir, 'omserver.db') });
    const sealedOf = async (name: string) => (await db.knex('credentials').where({ name }).first('sealed')).sealed;
    const before = await sealedOf('one');
    await db
      .knex('credentials')
      .where({ name: 'one' })
      .update({ sealed: await sealedOf('two') });
    try {
      const { code, findings } = await doctor({ OM_DATA_DIR: dataDir });
      expect(code).toBe(2);
      expect(findings).toContainEqual(finding('problem', 'vault', 'sealed does not open; it was changed or swapped'));
    } finally {
      await db.knex('credentials').where({ name: 'one' }).update({ sealed: before });
      await db.close();
    }
  });

  it.skipIf(!has('openssl'))('looks at the certificate', async () => {
    const cert = join(folder, 'cert.pem');
    const key = join(folder, 'key.pem');
    const subject = ['-subj', '/CN=om.example', '-addext', 'subjectAltName=DNS:om.example'];
    const files = ['-keyout', key, '-out', cert, '-days', '3', '-nodes'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files], { stdio: 'ignore' });
    const tls = { OM_DATA_DIR: dataDir, OM_TLS_CERT: cert, OM_TLS_KEY: key };
    const soon = await doctor({ ...tls, OM_PUBLIC_URL: 'https://om.example' });
    expect(soon.findings.filter(({ check }) => check === 'tls')).toEqual([
      finding('warning', 'tls', 'the certificate expires in'),
    ]);
    const wrong = await doctor({ ...tls, OM_PUBLIC_URL: 'https://other.example' });
    expect(wrong.findings).toContainEqual(finding('problem', 'tls', 'is not for other.example'));
    const swapped = await doctor({ ...tls, OM_TLS_CERT: key });
    expect(swapped.findings).toContainEqual(finding('problem', 'tls', 'cannot be read'));
  });
});

describe.skipIf(!has('mariadb'))('omserver doctor on MariaDB', () => {
  let mariadb: Mariadb;
  let env: Record<string, string>;
  const dataDir = mkdtempSync(join(tmpdir(), 'om-doctor-'));

  beforeAll(async () => {
    mariadb = await startMariadb();
    env = { OM_DATA_DIR: dataDir, OM_DATABASE_URL: await mariadb.createDatabase() };
  });
  afterAll(async () => {
    await mariadb?.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('finds durable settings well, and waits for the schema', async () => {
    const { code, findings } = await doctor(env, true);
    expect(code).toBe(0);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'durability', level: 'ok' }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'packets', level: 'ok' }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'clock', level: 'ok' }));
    expect(findings).toContainEqual(finding('warning', 'schema', 'migrations wait'));
  });

  it('names settings that lose what was acknowledged', async () => {
    await mariadb.asRoot('SET GLOBAL innodb_flush_log_at_trx_commit = 2', 'SET GLOBAL max_allowed_packet = 1048576');
    const two = await doctor(env);
    expect(two.findings).toContainEqual(finding('warning', 'durability', 'innodb_flush_log_at_trx_commit is 2'));
    expect(two.findings).toContainEqual(finding('problem', 'packets', 'max_allowed_packet is 1.0 MiB'));
    await mariadb.asRoot('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
    const zero = await doctor(env);
    expect(zero.code).toBe(2);
    expect(zero.findings).toContainEqual(finding('problem', 'durability', 'loses acknowledged runs'));
  });

  it('says when it cannot be reached, without the password', async () => {
    const url = new URL(env.OM_DATABASE_URL ?? '');
    url.password = 'wrong-password';
    const { code, findings } = await doctor({ ...env, OM_DATABASE_URL: url.href });
    expect(code).toBe(2);
    expect(findings).toContainEqual(finding('problem', 'database', 'it cannot be reached'));
    expect(JSON.stringify(findings)).not.toContain('wrong-password');
  });

  it.skipIf(!has('redis'))('looks at Redis', async () => {
    const redis = await startRedis({ password: 'its-password' });
    const ask = (url: string, all = false) => doctor({ ...env, OM_REDIS_URL: url }, all);
    try {
      const well = await ask(redis.url, true);
      expect(well.findings.filter(({ check }) => check === 'redis').map(({ level }) => level)).toEqual(['ok', 'ok']);
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      const forgetful = await ask(redis.url);
      expect(forgetful.findings).toContainEqual(finding('warning', 'redis', 'maxmemory-policy is allkeys-lru'));
      const wrong = await ask(`redis://:wrong-password@127.0.0.1:${redis.port}`);
      expect(wrong.code).toBe(2);
      expect(wrong.findings).toContainEqual(finding('problem', 'redis', 'it cannot be reached: WRONGPASS'));
      await redis.kill9();
      const gone = await ask(redis.url);
      expect(gone.code).toBe(2);
      expect(gone.findings).toContainEqual(finding('problem', 'redis', 'it cannot be reached: connect ECONNREFUSED'));
      expect(JSON.stringify([wrong, gone])).not.toMatch(/its-password|wrong-password/);
    } finally {
      await redis.stop();
    }
  });

  it.skipIf(!has('redis', 'openssl'))('believes no Redis whose certificate nobody vouches for', async () => {
    const [cert, key] = [join(dataDir, 'redis.pem'), join(dataDir, 'redis-key.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', cert, '-days', '3', '-nodes'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files], { stdio: 'ignore' });
    const redis = await startRedis({ password: 'its-password', tls: { cert, key } });
    try {
      const unknown = await doctor({ ...env, OM_REDIS_URL: redis.url });
      expect(unknown.findings).toContainEqual(finding('problem', 'redis', 'self-signed certificate'));
      const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
      const own = { ...process.env, ...env, OM_REDIS_URL: redis.url, NODE_EXTRA_CA_CERTS: cert };
      // Other findings (of this database) decide the exit code.
      const { stdout } = await promisify(execFile)(process.execPath, [main, 'doctor'], { env: own }).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout).toMatch(/ok +redis +Redis \S+ answers/);
    } finally {
      await redis.stop();
    }
  });
});
