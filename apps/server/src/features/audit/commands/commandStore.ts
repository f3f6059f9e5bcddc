import type { Knex } from 'knex';
import type { Database, Tx } from '../../../db/database.ts';
import { lastIdOf } from './batchId.ts';
import { commandColumns, type SealedRow } from './commandEvent.ts';

const columns = [...commandColumns, 'salt', 'leaf'] as const;
const head = `insert into command_events (${columns.join(', ')}) values `;
const marksOfRow = `(${columns.map(() => '?').join(', ')})`;

/** SQLite reads each statement once (db/statementCache.ts), so there are few of them; MySQL takes long ones well. */
const sizes = [16, 4, 1];
const mostRows = 500;

/** Writes the events of one batch. */
export async function insertBatch(
  tx: Tx,
  kind: Database['kind'],
  { batch, rows }: { batch: string; rows: readonly SealedRow[] },
): Promise<void> {
  for (let at = 0; at < rows.length; ) {
    const left = rows.length - at;
    const size = kind === 'mysql' ? Math.min(left, mostRows) : (sizes.find((fits) => fits <= left) ?? 1);
    const values = rows.slice(at, at + size).flatMap((row) => columns.map((column) => row[column]));
    await tx.raw(head + Array<string>(size).fill(marksOfRow).join(', '), values);
    at += size;
  }
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
