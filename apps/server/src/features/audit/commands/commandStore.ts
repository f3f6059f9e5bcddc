import type { Knex } from 'knex';
import type { Database, Tx } from '../../../db/database.ts';
import { lastIdOf } from './batchId.ts';
import { commandColumns, type SealedRow } from './commandEvent.ts';

const columns = [...commandColumns, 'salt', 'leaf'] as const;
const head = `insert into command_events (${columns.join(', ')}) values `;
const marksOfRow = `(${columns.map(() => '?').join(', ')})`;

const valuesOf = (row: SealedRow) => columns.map((column) => row[column]);

/** SQLite reads each statement once (db/statementCache.ts), so there are few of them. */
const sizes = [16, 4, 1];

async function insertFew(tx: Tx, rows: readonly SealedRow[]): Promise<void> {
  for (let at = 0; at < rows.length; ) {
    const left = rows.length - at;
    const size = sizes.find((fits) => fits <= left) ?? 1;
    await tx.raw(head + Array<string>(size).fill(marksOfRow).join(', '), rows.slice(at, at + size).flatMap(valuesOf));
    at += size;
  }
}

const mostRows = 500;

/** MySQL takes long statements well; its driver writes a list of lists as the rows that they are. */
async function insertMany(tx: Tx, rows: readonly SealedRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += mostRows) {
    const list: unknown = rows.slice(at, at + mostRows).map(valuesOf);
    // Knex knows no lists of lists; it hands them on as they are.
    await tx.raw(`${head}?`, [list as Knex.Value]);
  }
}

/** Writes the events of one batch. */
export async function insertBatch(
  tx: Tx,
  kind: Database['kind'],
  { batch, rows }: { batch: string; rows: readonly SealedRow[] },
): Promise<void> {
  if (kind === 'mysql') await insertMany(tx, rows);
  else await insertFew(tx, rows);
  await tx('command_batches').insert({ id: batch, events: rows.length });
}

/** The events of one batch, in their order. */
export function eventsOfBatch(on: Knex, batch: string): Promise<SealedRow[]> {
  return Promise.resolve(
    on('command_events')
      .whereBetween('id', [batch, lastIdOf(batch)])
      .orderBy('id'),
  );
}

export function findCommand(on: Knex, id: string): Promise<SealedRow | undefined> {
  return Promise.resolve(on('command_events').where({ id }).first());
}
