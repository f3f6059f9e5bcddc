import type { HostKey } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { rowsAt } from './hostStore.ts';
import { chunks, insertAll, whereAny } from './sql.ts';
import { type Endpoint, endpointKey } from './types.ts';

export interface HostKeyRow {
  id: string;
  zone_id: string;
  address: string;
  port: number;
  type: string;
  /** Base64, as in known_hosts. */
  key_data: string;
  fingerprint: string;
  state: HostKey['state'];
  changed: boolean;
  seen_at: number;
  decided_by: string | null;
}

export function keyEndpoint(row: HostKeyRow): string {
  return endpointKey({ zoneId: row.zone_id, address: row.address, port: row.port });
}

/** All keys known of these endpoints, by `endpointKey`. */
export async function keysAt(on: Knex, endpoints: readonly Endpoint[]): Promise<Map<string, HostKeyRow[]>> {
  const rows = await rowsAt<HostKeyRow>(endpoints, () => on('host_keys').select('*').orderBy('id'));
  return Map.groupBy(rows, keyEndpoint);
}

export function keysById(on: Knex, ids: readonly string[]): Promise<HostKeyRow[]> {
  return whereAny<HostKeyRow>(() => on('host_keys').select('*').orderBy('id'), 'id', ids);
}

export function insertKeys(tx: Tx, rows: readonly HostKeyRow[]): Promise<void> {
  return insertAll(tx, 'host_keys', rows);
}

export async function changeKeys(
  tx: Tx,
  ids: readonly string[],
  changes: Partial<Pick<HostKeyRow, 'state' | 'changed' | 'decided_by' | 'seen_at'>>,
): Promise<void> {
  for (const part of chunks(ids)) await tx('host_keys').whereIn('id', part).update(changes);
}

export async function deleteKeys(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const part of chunks(ids)) await tx('host_keys').whereIn('id', part).delete();
}
