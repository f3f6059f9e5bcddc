import type { FileHandle } from 'node:fs/promises';
import { migrationSource } from '../../../../migrations/index.ts';
import { CommandError } from '../commands/exitCodes.ts';
import type { Database, Tx } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import type { Value } from './format.ts';
import { type BackupSummary, readBackup } from './readBackup.ts';

/** Limits of one insert: statements stay well below what MySQL takes (16 MiB) and SQLite (32,766 values). */
const batch = { bytes: 1024 * 1024, rows: 500, values: 20_000 };

/** Tables that a fresh schema fills itself. */
const prefilled: ReadonlySet<string> = new Set(['access_epoch', 'inventory_locks', 'run_numbers']);

/** The migrations of a backup that this OMServer does not know: it was made by a newer one. */
export async function unknownMigrations(migrations: readonly string[]): Promise<string[]> {
  const known = new Set(await migrationSource.getMigrations([]));
  return migrations.filter((name) => !known.has(name));
}

/** The first table that holds rows, or null for a database in which nobody has done anything. */
export async function firstUsedTable(db: Database): Promise<string | null> {
  for (const table of await tableNames(db)) {
    if (prefilled.has(table) || table.startsWith('knex_migrations')) continue;
    if (await db.knex(table).first()) return table;
  }
  return null;
}

/**
 * Loads a verified backup into an empty database: the schema of then, the rows and `settle` in one transaction, then
 * the migrations since. Killed at any moment it leaves an empty database or the whole content.
 */
export async function loadBackup({
  path,
  file,
  summary,
  db,
  settle,
}: {
  path: string;
  file: FileHandle;
  summary: BackupSummary;
  db: Database;
  /** What must not be as it was then, before anybody sees the database. */
  settle: (tx: Tx) => Promise<void>;
}): Promise<void> {
  await migrateAsThen(db, summary.header.migrations);
  const tables = await checkTables(db, path, summary);
  await db.knex.transaction(async (tx) => {
    // Tables come in no order that suits foreign keys: SQLite checks them at the commit, and MySQL's were right before.
    await tx.raw(db.kind === 'sqlite' ? 'pragma defer_foreign_keys = on' : 'set foreign_key_checks = 0');
    for (const table of tables) await tx(table).delete();
    await insertAll(tx, path, file);
    for (const [table, { rows }] of summary.tables) {
      const found = await tx(table).count({ n: '*' }).first();
      if (Number(found?.n) !== rows) throw new Error(`${table} has ${found?.n} rows after the restore, not ${rows}`);
    }
    await settle(tx);
    if (db.kind === 'mysql') await tx.raw('set foreign_key_checks = 1');
  });
  await migrate(db);
}

async function migrateAsThen(db: Database, migrations: readonly string[]): Promise<void> {
  const all = await migrationSource.getMigrations([]);
  const [done] = await db.knex.migrate.list({ migrationSource });
  const applied = new Set<string>(done.map((entry: { name: string }) => entry.name));
  if ([...applied].some((name) => !migrations.includes(name))) {
    throw new CommandError('the database has a newer schema than the backup; restore into a new, empty one');
  }
  for (const name of all.filter((one) => migrations.includes(one) && !applied.has(one))) {
    await db.knex.migrate.up({ migrationSource, name });
  }
}

async function checkTables(db: Database, path: string, { tables }: BackupSummary): Promise<string[]> {
  const here = (await tableNames(db)).filter((table) => !table.startsWith('knex_migrations'));
  for (const [table, { columns }] of tables) {
    const info = here.includes(table) ? await db.knex(table).columnInfo() : {};
    const unknown = columns.filter((column) => !(column in info));
    if (unknown.length > 0) {
      throw new CommandError(
        `the backup ${path} has ${table}.${unknown[0]}, which its own schema version does not have`,
      );
    }
  }
  return here;
}

async function insertAll(tx: Tx, path: string, file: FileHandle): Promise<void> {
  let table = '';
  let columns: string[] = [];
  let rows: Record<string, Value>[] = [];
  let bytes = 0;
  const flush = async () => {
    if (rows.length > 0) await tx(table).insert(rows);
    rows = [];
    bytes = 0;
  };
  for await (const line of readBackup(path, file)) {
    if (line.kind === 'table') ({ table, columns } = line);
    else if (line.kind === 'rows') await flush();
    else if (line.kind === 'row') {
      rows.push(Object.fromEntries(columns.map((column, i) => [column, line.values[i] ?? null])));
      for (const value of line.values) bytes += typeof value === 'number' || value === null ? 8 : value.length;
      if (bytes >= batch.bytes || rows.length >= batch.rows || rows.length * columns.length >= batch.values)
        await flush();
    }
  }
}

async function tableNames(db: Database): Promise<string[]> {
  if (db.kind === 'sqlite') {
    const rows: { name: string }[] = await db
      .knex('sqlite_master')
      .where({ type: 'table' })
      .whereNot('name', 'like', 'sqlite_%')
      .select('name');
    return rows.map(({ name }) => name);
  }
  const [rows] = await db.knex.raw(
    "select table_name as name from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE'",
  );
  return rows.map(({ name }: { name: string }) => name);
}
