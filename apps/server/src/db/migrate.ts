import { migrationSource } from '../../../../migrations/index.ts';
import type { Database } from './database.ts';

const lockName = 'omanager_migrate';
const lockSeconds = 120;
const aliveMs = 2000;

/**
 * Brings the schema up to date; safe when several processes start at once. Returns the names of what was applied.
 * MySQL: an advisory lock that dies with its connection; SQLite: one server process, held by the data folder's lock.
 */
export async function migrate(db: Database): Promise<string[]> {
  if (db.kind === 'sqlite') return latest(db);
  // GET_LOCK belongs to a connection, so one transaction keeps that connection while the pool's others migrate.
  return db.knex.transaction(async (holder) => {
    const [rows] = await holder.raw('select get_lock(?, ?) as held', [lockName, lockSeconds]);
    if (rows[0].held !== 1) throw new Error('another process has been migrating the database for two minutes');
    // Nothing else is asked of this connection meanwhile, and an idle one would be ended.
    const alive = setInterval(() => void holder.raw('select 1').catch(() => {}), aliveMs);
    try {
      return await latest(db);
    } finally {
      clearInterval(alive);
      await holder.raw('select release_lock(?)', [lockName]);
    }
  });
}

/** Names of the migrations that have not been applied yet. */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const [, pending] = await db.knex.migrate.list({ migrationSource });
  return pending.map((entry: unknown) => String(entry));
}

async function latest(db: Database): Promise<string[]> {
  // A process killed in the middle leaves knex's own lock behind; ours says that nobody is at work.
  await db.knex.migrate.list({ migrationSource });
  await db.knex.migrate.forceFreeMigrationsLock({ migrationSource });
  const [, applied] = await db.knex.migrate.latest({ migrationSource });
  return applied.map((entry: unknown) => String(entry));
}
