import type { Knex } from 'knex';
import type { Database, Tx } from '../../../db/database.ts';
import { lastIdOf } from './batchId.ts';
import { commandColumns, type SealedRow } from './commandEvent.ts';

const columns = [...commandColumns, 'salt', 'leaf'] as const;
const head = `insert into command_events (${columns.join(', ')}) values `;
const marksOfRow = `(${columns.map(() => '?').join(', ')})`;

/** Statements of few sizes: SQLite reads each once (db/statementCache.ts), MariaDB takes long ones well. */
const sizes: Readonly<Record<Database['kind'], readonly number[]>> = {
  sqlite: [16, 4, 1],
  mysql: [500, 100, 20, 4, 1],
};

/** Writes the events of one batch. */
export async function insertBatch(
  tx: Tx,
  kind: Database['kind'],
  { batch, rows }: { batch: string; rows: readonly SealedRow[] },
): Promise<void> {
  for (let at = 0; at < rows.length; ) {
    const size = sizes[kind].find((fits) => fits <= rows.length - at) ?? 1;
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
