import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../apps/server/src/db/database.ts';
import { migrate } from '../../apps/server/src/db/migrate.ts';
import { has } from '../lab/have.ts';
import { startMariadb } from '../lab/mariadb.ts';

export interface TestDatabase {
  db: Database;
  close(): Promise<void>;
}

/** The databases that store tests run on: the same answers are asked of each. */
export const databases: readonly { name: string; missing: boolean; open(): Promise<TestDatabase> }[] = [
  { name: 'SQLite', missing: false, open: openSqlite },
  { name: 'MariaDB', missing: !has('mariadb'), open: () => openMariadb() },
];

async function openSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'om-store-'));
  const db = openDatabase({ kind: 'sqlite', file: join(folder, 'om.sqlite') });
  await migrate(db);
  return {
    db,
    async close() {
      await db.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** With more settings than tests have, for benchmarks. */
export async function openMariadb(...settings: readonly string[]): Promise<TestDatabase> {
  const server = await startMariadb(...settings);
  const db = openDatabase({ kind: 'mysql', url: await server.createDatabase(), verifyTls: false });
  await migrate(db);
  return {
    db,
    async close() {
      await db.close();
      await server.stop();
    },
  };
}

/** A database file as other programs make it: without auto_vacuum, which cannot be switched on afterwards. */
export async function makeForeignSqlite(file: string): Promise<void> {
  const db = openDatabase({ kind: 'sqlite', file });
  try {
    await db.knex.raw('pragma auto_vacuum = none');
    await db.knex.raw('vacuum');
  } finally {
    await db.close();
  }
}
