import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Database } from './database.ts';
import { rebuildTable, type TableSpace, tableSpace } from './rebuildTable.ts';

/** Gives the space of deleted rows back to the file system: deleting alone only makes room for new rows. */
export interface Reclaimer {
  /** Takes small steps, so that others get their turn; ends early when `signal` is aborted. */
  reclaim(signal: AbortSignal): Promise<void>;
  /** Bytes of the whole database on disk, as far as it says. */
  storeBytes(): Promise<number>;
}

interface Options {
  db: Database;
  /** MySQL: the tables that are worth a rebuild. */
  tables: readonly string[];
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  /** MySQL: whether so many holes are worth a rebuild. */
  worthRebuilding?: (space: TableSpace) => boolean;
}

/** Free pages that an SQLite file keeps, so that they need not be taken again at once. */
const keepPages = 2048;
const pagesPerStep = 256;
const pauseMs = 10;
const mib = 1024 * 1024;

const pragmaRows = z.array(z.record(z.string(), z.number()));

export function createReclaimer({ db, tables, log, worthRebuilding = manyHoles }: Options): Reclaimer {
  return db.kind === 'sqlite' ? sqliteReclaimer(db, log) : mysqlReclaimer(db, tables, worthRebuilding, log);
}

function sqliteReclaimer({ knex }: Database, log: Options['log']): Reclaimer {
  let complained = false;
  const pragma = async (name: string): Promise<number> => {
    const [row] = pragmaRows.parse(await knex.raw(`pragma ${name}`));
    return Object.values(row ?? {})[0] ?? 0;
  };
  const size = async () => (await pragma('page_count')) * (await pragma('page_size'));

  /** Runs to its end: as a prepared statement it would give back one page only. */
  async function vacuumStep(): Promise<void> {
    const connection: { exec(sql: string): unknown } = await knex.client.acquireConnection();
    try {
      connection.exec(`pragma incremental_vacuum(${pagesPerStep})`);
    } finally {
      await knex.client.releaseConnection(connection);
    }
  }

  return {
    async reclaim(signal) {
      let free = await pragma('freelist_count');
      if (free <= keepPages) return;
      if ((await pragma('auto_vacuum')) !== incremental) {
        if (!complained) log.warn({ mend: vacuumMend }, notIncremental);
        complained = true;
        return;
      }
      const before = await size();
      for (let last = Number.POSITIVE_INFINITY; free > keepPages && free < last && !signal.aborted; ) {
        await vacuumStep();
        await sleep(pauseMs);
        last = free;
        free = await pragma('freelist_count');
      }
      await pragma('wal_checkpoint(TRUNCATE)');
      log.info({ bytes: before - (await size()) }, 'the database file gave back the space of what was removed');
    },
    storeBytes: size,
  };
}

function mysqlReclaimer(
  db: Database,
  tables: readonly string[],
  worthRebuilding: (space: TableSpace) => boolean,
  log: Options['log'],
): Reclaimer {
  return {
    async reclaim(signal) {
      for (const table of tables) {
        if (signal.aborted) return;
        const space = await tableSpace(db, table);
        if (worthRebuilding(space)) await rebuildTable(db, table, { signal, log });
      }
    },
    async storeBytes() {
      const [rows] = await db.knex.raw(
        'select sum(data_length + index_length + data_free) as bytes from information_schema.tables where table_schema = database()',
      );
      return Number(rows[0].bytes);
    },
  };
}

/** Holes are filled by new rows anyway, and a rebuild writes all the others anew. */
function manyHoles({ bytes, free }: TableSpace): boolean {
  return free > 256 * mib && free > 0.3 * bytes;
}

/** What `pragma auto_vacuum` says of a file that can give its space back. */
export const incremental = 2;
/** What an SQLite file is that was made before OMServer asked for incremental vacuum, or by another program. */
export const notIncremental =
  'this SQLite file cannot give space back: it was not made with auto_vacuum = INCREMENTAL, so what is removed only makes room for new data';
export const vacuumMend = `stop the server, then: sqlite3 FILE 'pragma auto_vacuum = incremental; vacuum;'`;
