import type { Knex } from 'knex';
import { z } from 'zod';
import type { Database } from './database.ts';
import { createLease } from './leases.ts';

export interface TableSpace {
  /** What the table takes on disk, holes included. */
  bytes: number;
  /** Holes that are large enough for InnoDB to count them. */
  free: number;
}

interface Options {
  signal: AbortSignal;
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

const dayMs = 24 * 3_600_000;
/** Whoever waits for the table's lock makes all others wait behind it. */
const lockSeconds = 2;

export async function tableSpace(db: Database, table: string): Promise<TableSpace> {
  const [rows] = await db.knex.raw(
    'select data_length + index_length + data_free as bytes, data_free as free from information_schema.tables where table_schema = database() and table_name = ?',
    [table],
  );
  return { bytes: Number(rows[0]?.bytes ?? 0), free: Number(rows[0]?.free ?? 0) };
}

const outcome = z.array(z.object({ Msg_type: z.string(), Msg_text: z.string() }));

/**
 * Rebuilds a MySQL or MariaDB table while it is being used (OPTIMIZE TABLE; it needs SELECT and INSERT), so that its
 * file shrinks. At most once a day, by one process: the turn is taken for a day and only an abort gives it back.
 */
export async function rebuildTable(db: Database, table: string, { signal, log }: Options): Promise<void> {
  const turn = createLease(db, `rebuild ${table}`, dayMs);
  if (!(await turn.hold())) return;
  const before = await tableSpace(db, table);
  const connection: unknown = await db.knex.client.acquireConnection();
  const ask = (sql: string, values: Knex.RawBinding[] = []) => db.knex.raw(sql, values).connection(connection);
  let kill: (() => void) | undefined;
  try {
    const [[{ id }]] = await ask('select connection_id() as id');
    kill = () => void db.knex.raw('kill query ?', [Number(id)]).catch(() => {});
    if (signal.aborted) return;
    signal.addEventListener('abort', kill, { once: true });
    await ask(`set session lock_wait_timeout = ${lockSeconds}`);
    const [rows] = await ask('optimize table ??', [table]);
    const errors = outcome.parse(rows).filter(({ Msg_type }) => Msg_type.toLowerCase() === 'error');
    if (errors.length > 0) throw new Error(errors.map(({ Msg_text }) => Msg_text).join('; '));
    const { bytes } = await tableSpace(db, table);
    log.info(
      { table, bytes: before.bytes - bytes },
      'the table was rebuilt and gave back the space of what was removed',
    );
  } catch (error) {
    if (signal.aborted) return;
    const err = String(error).slice(0, 500);
    log.warn({ table, err }, 'the table could not be rebuilt and keeps its size; the next try is tomorrow');
  } finally {
    if (kill) signal.removeEventListener('abort', kill);
    await ask('set session lock_wait_timeout = default').catch(() => {});
    await db.knex.client.releaseConnection(connection);
    // The server is stopping: whoever is there next may try.
    if (signal.aborted) await turn.release();
  }
}
