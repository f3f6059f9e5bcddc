import type { Knex } from 'knex';
import { z } from 'zod';
import { keyIdOf } from './sealer.ts';

/**
 * Every sealed column of the database: a rekey goes through all of them, and a start without the right key is refused
 * because of them. Whoever seals a new column adds it here.
 */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The primary key. */
  readonly key: readonly string[];
  /** Columns that `context` needs beside the key. */
  readonly also: readonly string[];
  /** Rows whose column holds sealed bytes; null ones are left out anyway. */
  readonly only?: Readonly<Record<string, number>>;
  /** The context it is sealed with. */
  context(row: Readonly<Record<string, unknown>>): string;
}

export const sealedColumns: readonly SealedColumn[] = [
  {
    table: 'credentials',
    column: 'sealed',
    key: ['id'],
    also: ['kind', 'version'],
    context: (row) => `credential|${row.id}|${row.kind}|${row.version}`,
  },
  { table: 'users', column: 'totp_sealed', key: ['id'], also: [], context: (row) => `totp|${row.id}` },
  { table: 'users', column: 'totp_pending_sealed', key: ['id'], also: [], context: (row) => `totp|${row.id}` },
  {
    table: 'ledger_keys',
    column: 'secret_sealed',
    key: ['key_id'],
    also: [],
    context: (row) => `ledger|${row.key_id}`,
  },
  {
    table: 'agent_keys',
    column: 'key_sealed',
    key: ['id'],
    also: ['host_id'],
    context: (row) => `agent|${row.id}|${row.host_id}`,
  },
  {
    table: 'recording_chunks',
    column: 'sealed',
    key: ['recording_id', 'seq'],
    also: [],
    context: (row) => `recording|${row.recording_id}|${row.seq}`,
  },
  { table: 'alert_targets', column: 'sealed', key: ['id'], also: [], context: (row) => `target|${row.id}` },
  { table: 'plans', column: 'input_sealed', key: ['id'], also: [], context: (row) => `plan|${row.id}` },
  {
    table: 'calls',
    column: 'result',
    key: ['caller', 'call_id'],
    also: [],
    only: { sealed: 1 },
    context: (row) => `call|${row.caller}|${row.call_id}`,
  },
];

/** Ids of the master keys that the database's sealed rows refer to. */
export async function sealedKeyIds(on: Knex): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const { table, column, only = {} } of sealedColumns) {
    const head = on.raw('substr(??, 1, 9) as head', [column]);
    const rows: unknown[] = await on(table).distinct(head).whereNotNull(column).where(only);
    for (const row of rows) ids.add(keyIdOf(z.object({ head: z.instanceof(Buffer) }).parse(row).head));
  }
  return ids;
}
