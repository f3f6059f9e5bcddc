import type { Knex } from 'knex';
import type { Database, Tx } from '../../../db/database.ts';
import type { EventFields } from '../ledger/leaf.ts';
import { lastIdOf } from './batchId.ts';
import { commandColumns, type SealedRow } from './commandEvent.ts';

/** An event that is written: its fields in the order of its leaf, and what seals them. */
export interface SealedEvent {
  fields: EventFields;
  salt: Buffer;
  leaf: Buffer;
}

const columns = [...commandColumns, 'salt', 'leaf'] as const;
const insertOne = `insert into command_events (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`;

/** The fields of a leaf are the columns, after a word that says which they are. */
const valuesOf = ({ fields, salt, leaf }: SealedEvent) => [...fields.slice(1), salt, leaf];

interface SqliteConnection {
  prepare(sql: string): { run(values: readonly unknown[]): unknown };
}

/**
 * Row by row by a statement of the driver itself: one of many rows takes knex long to put together, and makes SQLite keep
 * a journal of its own.
 */
async function insertEach(tx: Tx, rows: readonly SealedEvent[]): Promise<void> {
  const connection: SqliteConnection = await tx.client.acquireConnection();
  const insert = connection.prepare(insertOne);
  for (const row of rows) insert.run(valuesOf(row));
}

const mostRows = 500;

/**
 * MySQL takes long statements well; its driver writes a list of lists as the rows that they are. A column that is null in
 * all of them is left out: of what an agent of the original sends that is every fourth, and reading them costs MySQL most.
 */
async function insertMany(tx: Tx, rows: readonly SealedEvent[]): Promise<void> {
  for (let at = 0; at < rows.length; at += mostRows) {
    const values = rows.slice(at, at + mostRows).map(valuesOf);
    const told = columns.map((_, column) => values.some((row) => row[column] !== null));
    const list: unknown = values.map((row) => row.filter((_, column) => told[column]));
    const names = columns.filter((_, column) => told[column]).join(', ');
    // Knex knows no lists of lists; it hands them on as they are.
    await tx.raw(`insert into command_events (${names}) values ?`, [list as Knex.Value]);
  }
}

/** Writes the events of one batch. */
export async function insertBatch(
  tx: Tx,
  kind: Database['kind'],
  { batch, rows }: { batch: string; rows: readonly SealedEvent[] },
): Promise<void> {
  if (kind === 'mysql') await insertMany(tx, rows);
  else await insertEach(tx, rows);
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
