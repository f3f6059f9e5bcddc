import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withSnapshot } from '../../apps/server/src/backup/snapshot.ts';
import { type Database, openDatabase } from '../../apps/server/src/db/database.ts';
import { migrate } from '../../apps/server/src/db/migrate.ts';
import { rebuildTable, tableSpace } from '../../apps/server/src/db/rebuildTable.ts';
import { createReclaimer } from '../../apps/server/src/db/reclaim.ts';
import { has } from '../lab/have.ts';
import { type Mariadb, startMariadb } from '../lab/mariadb.ts';
import { makeForeignSqlite } from './databases.ts';
import { createRetentionRig, dayMs } from './retentionRig.ts';

const mib = 1024 * 1024;
const never = new AbortController().signal;

/** Remembers what an operator would read. */
function createLog() {
  const lines: string[] = [];
  const note = (_details: object, message: string): void => void lines.push(message);
  return { lines, info: note, warn: note };
}

/** Fills the store with the output of one old and one young run, and lets retention take the old one. */
async function fillAndRemove(db: Database, reclaimer: ReturnType<typeof createReclaimer>, oldHosts: number) {
  const rig = createRetentionRig(db);
  await rig.finished({ daysAgo: 40, hosts: oldHosts, bytes: mib });
  await rig.finished({ daysAgo: 1, hosts: 4, bytes: mib });
  const full = await reclaimer.storeBytes();
  await rig.retention({ keepOutputMs: 30 * dayMs }, { reclaimer }).round(never);
  return full;
}

describe('an SQLite file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'om-reclaim-'));
    file = join(folder, 'om.sqlite');
    return () => rm(folder, { recursive: true });
  });

  it('shrinks when old output is removed, and its log with it', async () => {
    await using stack = new AsyncDisposableStack();
    const db = openDatabase({ kind: 'sqlite', file });
    stack.defer(() => db.close());
    await migrate(db);
    const log = createLog();
    const reclaimer = createReclaimer({ db, tables: [], log });
    const full = await fillAndRemove(db, reclaimer, 30);
    expect(full).toBeGreaterThan(34 * mib);
    // Some free pages stay for what comes next.
    expect(statSync(file).size).toBeLessThan(16 * mib);
    expect(statSync(`${file}-wal`).size).toBeLessThan(100_000);
    expect(await reclaimer.storeBytes()).toBe(statSync(file).size);
    expect(log.lines).toEqual(['the database file gave back the space of what was removed']);
    expect(await db.knex.raw('pragma quick_check')).toEqual([{ quick_check: 'ok' }]);
  });

  it('stops giving back when the server stops, and goes on the next time', async () => {
    await using stack = new AsyncDisposableStack();
    const db = openDatabase({ kind: 'sqlite', file });
    stack.defer(() => db.close());
    await migrate(db);
    const rig = createRetentionRig(db);
    await rig.finished({ daysAgo: 40, hosts: 30, bytes: mib });
    const reclaimer = createReclaimer({ db, tables: [], log: createLog() });
    const later = { storeBytes: reclaimer.storeBytes, reclaim: async () => {} };
    await rig.retention({ keepRunsMs: dayMs }, { reclaimer: later }).round(never);
    const full = await reclaimer.storeBytes();
    const closing = new AbortController();
    const step = reclaimer.reclaim(closing.signal);
    await expect.poll(() => reclaimer.storeBytes(), { timeout: 30_000, interval: 5 }).toBeLessThan(full);
    closing.abort();
    await step;
    const half = await reclaimer.storeBytes();
    expect(half).toBeGreaterThan(16 * mib);
    await reclaimer.reclaim(never);
    expect(await reclaimer.storeBytes()).toBeLessThan(16 * mib);
  });

  it('that was not made for it is named in the log, once, with what to do', async () => {
    await using stack = new AsyncDisposableStack();
    await makeForeignSqlite(file);
    const db = openDatabase({ kind: 'sqlite', file });
    stack.defer(() => db.close());
    await migrate(db);
    const log = createLog();
    const reclaimer = createReclaimer({ db, tables: [], log });
    await fillAndRemove(db, reclaimer, 20);
    await reclaimer.reclaim(never);
    expect(log.lines).toEqual([expect.stringContaining('auto_vacuum')]);
  });
});

describe.skipIf(!has('mariadb'))('a MariaDB table', () => {
  let mariadb: Mariadb;
  beforeAll(async () => {
    mariadb = await startMariadb();
    return () => mariadb.stop();
  });

  /** A database whose user has exactly the rights that docs/operating.md asks for. */
  async function open(): Promise<Database> {
    const url = new URL(await mariadb.createDatabase());
    const name = url.pathname.slice(1);
    const page = readFileSync(join(import.meta.dirname, '../../docs/operating.md'), 'utf8');
    const rights = /^GRANT (.+) ON omanager\.\*/m.exec(page)?.[1] ?? '';
    await mariadb.asRoot(
      `REVOKE ALL ON ${name}.* FROM '${name}'@'127.0.0.1'`,
      `GRANT ${rights} ON ${name}.* TO '${name}'@'127.0.0.1'`,
    );
    const db = openDatabase({ kind: 'mysql', url: url.href, verifyTls: false });
    await migrate(db);
    return db;
  }

  async function fileSize(db: Database): Promise<number> {
    const [[{ folder, name }]] = await db.knex.raw('select @@datadir as folder, database() as name');
    return statSync(join(folder, name, 'run_output.ibd')).size;
  }

  const worthIt = ({ bytes, free }: { bytes: number; free: number }) => free > 20 * mib && free > 0.3 * bytes;

  it('shrinks when old output is removed, at most once a day, with the documented rights', async () => {
    await using stack = new AsyncDisposableStack();
    const db = await open();
    stack.defer(() => db.close());
    const log = createLog();
    const reclaimer = createReclaimer({ db, tables: ['run_output'], log, worthRebuilding: worthIt });
    await fillAndRemove(db, { ...reclaimer, reclaim: async () => {} }, 60);
    const full = await fileSize(db);
    expect(full).toBeGreaterThan(64 * mib);
    // InnoDB frees deleted rows a little later.
    await expect.poll(async () => worthIt(await tableSpace(db, 'run_output')), { timeout: 30_000 }).toBe(true);
    await reclaimer.reclaim(never);
    expect(log.lines).toEqual(['the table was rebuilt and gave back the space of what was removed']);
    expect(await fileSize(db)).toBeLessThan(full / 3);
    expect((await db.knex('run_output').count({ n: '*' }).first())?.n).toBeGreaterThan(4);

    await rebuildTable(db, 'run_output', { signal: never, log });
    expect(log.lines).toHaveLength(1);
    await db.knex('leases').where({ name: 'rebuild run_output' }).update({ until_at: 0 });
    await rebuildTable(db, 'run_output', { signal: never, log });
    expect(log.lines).toHaveLength(2);
  });

  it('is not rebuilt by a server that stops, and its turn is free for the next', async () => {
    await using stack = new AsyncDisposableStack();
    const db = await open();
    stack.defer(() => db.close());
    const log = createLog();
    await rebuildTable(db, 'run_output', { signal: AbortSignal.abort(), log });
    expect(log.lines).toEqual([]);
    await rebuildTable(db, 'run_output', { signal: never, log });
    expect(log.lines).toEqual([expect.stringContaining('was rebuilt')]);
  });

  it('is left alone while a backup is made', async () => {
    await using stack = new AsyncDisposableStack();
    const url = await mariadb.createDatabase();
    const config = { kind: 'mysql', url, verifyTls: false } as const;
    const db = openDatabase(config);
    stack.defer(() => db.close());
    await migrate(db);
    await createRetentionRig(db).finished({ hosts: 3 });
    const log = createLog();
    const rows = await withSnapshot(config, async (snapshot) => {
      await snapshot.migrations();
      await rebuildTable(db, 'run_output', { signal: never, log });
      const read: unknown[] = [];
      for await (const row of snapshot.rows('run_output', ['run_id', 'ordinal'])) read.push(row);
      return read;
    });
    expect(rows).toHaveLength(3);
    expect(log.lines).toEqual([expect.stringContaining('could not be rebuilt')]);
  });

  it('is left alone when a long reader holds it: nobody waits behind the rebuild', async () => {
    await using stack = new AsyncDisposableStack();
    const db = await open();
    stack.defer(() => db.close());
    const log = createLog();
    const reader = await db.knex.transaction();
    stack.defer(async () => void (await reader.rollback()));
    await reader('run_output').first();
    await rebuildTable(db, 'run_output', { signal: never, log });
    expect(log.lines).toEqual([expect.stringContaining('could not be rebuilt')]);
  });
});
