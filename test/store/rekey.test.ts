import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseConfig } from '../../apps/server/src/db/database.ts';
import { readKeyFile } from '../../apps/server/src/features/vault/keyFile.ts';
import { loadSealer } from '../../apps/server/src/features/vault/masterKey.ts';
import { rekey } from '../../apps/server/src/features/vault/rekey.ts';
import { sealedColumns } from '../../apps/server/src/features/vault/sealedColumns.ts';
import type { Sealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases, type TestDatabase } from './databases.ts';

const signal = AbortSignal.timeout(120_000);
const kills = 6;
const rows = 500;

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('the master key on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let folder: string;
    let file: string;

    beforeAll(async () => {
      database = await open();
      return () => database.close();
    });
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'om-rekey-'));
      file = join(folder, 'master.key');
      await clear();
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const load = () => loadSealer({ db: database.db, file });

    it('is made once, 0600, and is the same afterwards', async () => {
      const { keyId } = await load();
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^om-key-1 ${keyId} [A-Za-z0-9+/]{43}=\n$`));
      const again = await Promise.all([load(), load(), load()]);
      expect(again.map((sealer) => sealer.keyId)).toEqual([keyId, keyId, keyId]);
      expect(readdirSync(folder)).toEqual(['master.key']);
    });

    it('is refused when others can read it, when it is damaged, missing or of another installation', async () => {
      await seed(await load(), 1);
      const text = readFileSync(file, 'utf8');
      chmodSync(file, 0o640);
      await expect(load()).rejects.toThrow(`chmod 600 ${file}`);
      chmodSync(file, 0o600);
      const swapped = text.replace(/ ([A-Za-z0-9+/])([A-Za-z0-9+/]+=)/, (_, a, b) => ` ${a === 'A' ? 'B' : 'A'}${b}`);
      for (const damaged of ['', 'nonsense\n', text.slice(0, -5), swapped]) {
        writeFileSync(file, damaged);
        await expect(load()).rejects.toThrow(/damaged|empty/);
      }
      rmSync(file);
      await expect(load()).rejects.toThrow('restore the file from the backup');
      expect(readdirSync(folder)).toEqual([]);
      const other = join(folder, 'other.key');
      await clear();
      await loadSealer({ db: database.db, file: other });
      writeFileSync(file, text, { mode: 0o600 });
      await seed(await load(), 1);
      await expect(loadSealer({ db: database.db, file: other })).rejects.toThrow('does not belong to this database');
    });

    it('is replaced everywhere, and the old one forgotten', async () => {
      const before = await load();
      await seed(before, 250);
      const done = await rekey({ db: database.db, file, signal });
      expect(done).toMatchObject({ resumed: false, resealed: 4 * 250 + 1 });
      expect(done.keyId).not.toBe(before.keyId);
      expect((await readKeyFile(file))?.map(({ id }) => id)).toEqual([done.keyId]);
      expect(await openAll(await load())).toBe(4 * 250 + 1);
      await expect(openAll(before)).rejects.toThrow('not in the key file');
    });

    it(`survives kill -9 at ${kills} random moments`, { timeout: 120_000 }, async () => {
      await seed(await load(), rows);
      const config = configOf(database);
      const duration = await inChild(config, null);
      let interrupted = 0;
      for (let i = 0; i < kills; i++) {
        await inChild(config, ((i + Math.random()) / kills) * duration);
        if (((await readKeyFile(file))?.length ?? 0) > 1) interrupted++;
        // What a server would do now: start, and open everything.
        expect(await openAll(await load())).toBe(4 * rows + 1);
      }
      expect(interrupted).toBeGreaterThan(0);
      const { keyId } = await rekey({ db: database.db, file, signal });
      expect((await readKeyFile(file))?.map(({ id }) => id)).toEqual([keyId]);
      expect(await openAll(await load())).toBe(4 * rows + 1);
      expect(readdirSync(folder)).toEqual(['master.key']);
    });

    /** Runs a rekey in a child; kills it after `killMs`, or lets it finish. Answers how long it ran. */
    async function inChild(config: DatabaseConfig, killMs: number | null): Promise<number> {
      const child = fork(join(import.meta.dirname, 'rekeyMain.ts'), [JSON.stringify(config), file], { execArgv: [] });
      const exited = once(child, 'exit');
      await once(child, 'message');
      const began = performance.now();
      child.send('go');
      if (killMs !== null) {
        await Promise.race([sleep(killMs), exited]);
        child.kill('SIGKILL');
      }
      const [code] = await exited;
      if (killMs === null) expect(code).toBe(0);
      return performance.now() - began;
    }

    async function clear(): Promise<void> {
      for (const table of ['plans', 'module_versions', 'calls', 'users', 'credentials']) {
        await database.db.knex(table).delete();
      }
    }

    /** `count` rows in each table with sealed columns, and one user who is just turning the second factor on. */
    async function seed(sealer: Sealer, count: number): Promise<void> {
      const at = Date.now();
      const times = { created_at: at, updated_at: at };
      const many = (make: (id: string) => object) => Array.from({ length: count }, () => make(randomUUID()));
      const seal = (context: string) => sealer.seal(context, Buffer.from(context));
      const digest = 'd'.repeat(64);
      const plan = { digest, module_digest: digest, selector: '*', params: '{}', script: '{}', summary: '{}' };
      const limits = { parallel: 1, timeout_ms: 1, total: 1, created_by: randomUUID(), created_at: at, expires_at: at };
      const user = { role: 'viewer', password_hash: '', created_at: at };
      const { knex } = database.db;
      await knex('module_versions').insert({
        ...{ digest, module_id: 'm', version: '1', source: 'builtin', manifest: '{}', created_at: at },
      });
      const tables: [string, object[]][] = [
        [
          'credentials',
          many((id) => ({
            ...{ id, name: id, kind: 'key', version: 3, has_sudo_password: false, ...times },
            sealed: seal(`credential|${id}|key|3`),
          })),
        ],
        ['users', many((id) => ({ id, name: id, ...user, totp_sealed: seal(`totp|${id}`) }))],
        ['plans', many((id) => ({ id, ...plan, ...limits, input_sealed: seal(`plan|${id}`) }))],
        [
          'calls',
          many((id) => ({
            ...{ caller: `key:${id.slice(0, 2)}`, call_id: id, method: 'm', params_hash: '', sealed: true, at },
            result: seal(`call|key:${id.slice(0, 2)}|${id}`),
          })),
        ],
      ];
      for (const [table, all] of tables) await knex.batchInsert(table, all, 100);
      const id = randomUUID();
      await knex('users').insert({ id, name: 'pending', ...user, totp_pending_sealed: seal(`totp|${id}`) });
      // An answer that is not secret is not sealed, and stays as it is.
      const open = { caller: 'key:open', call_id: randomUUID(), method: 'm', params_hash: '', sealed: false, at };
      await knex('calls').insert({ ...open, result: Buffer.from('{"ok":true}') });
    }

    /** Opens every sealed value and compares it with what was sealed; answers how many there are. */
    async function openAll(sealer: Sealer): Promise<number> {
      let opened = 0;
      for (const { table, column, only = {}, context } of sealedColumns) {
        for (const row of await database.db.knex(table).whereNotNull(column).where(only)) {
          const expected = context(row);
          expect(sealer.open(expected, row[column]).toString()).toBe(expected);
          opened++;
        }
      }
      return opened;
    }
  });
});

function configOf({ db }: TestDatabase): DatabaseConfig {
  const { connection } = db.knex.client.config;
  if (db.kind === 'sqlite') return { kind: 'sqlite', file: connection.filename };
  const { host, port, user, password, database } = connection;
  return { kind: 'mysql', url: `mysql://${user}:${password}@${host}:${port}/${database}`, verifyTls: false };
}
