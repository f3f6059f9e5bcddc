import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';

/** A piece of SQL with its values. */
export interface Fragment {
  readonly sql: string;
  readonly bindings: readonly (string | number)[];
}

/** Most values in one IN list or insert: well below what SQLite binds in one statement. */
const chunkSize = 500;

export function chunks<T>(items: readonly T[], size = chunkSize): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < items.length; i += size) parts.push(items.slice(i, i + size));
  return parts;
}

/** Rows of `table` whose `column` is one of `values`, asked in bounded pieces. */
export async function whereAny<Row>(
  query: () => Knex.QueryBuilder,
  column: string,
  values: readonly string[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const part of chunks(values)) rows.push(...(await query().whereIn(column, part)));
  return rows;
}

export async function insertAll(tx: Tx, table: string, rows: readonly object[]): Promise<void> {
  for (const part of chunks(rows, 200)) await tx(table).insert(part);
}

/**
 * First statement of every change: whoever holds the row is alone, so that what was checked stays true until commit.
 * Order where both are needed: inventory, then host_keys.
 */
export async function lock(tx: Tx, name: 'inventory' | 'host_keys'): Promise<void> {
  await tx('inventory_locks').where({ name }).increment('revision', 1);
}

/** All values from `prefix` on that begin with it, for columns that compare bytes. */
export function prefixRange(prefix: string): [from: string, to: string] {
  return [prefix, `${prefix}\u{10ffff}`];
}
