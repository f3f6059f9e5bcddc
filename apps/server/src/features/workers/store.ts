import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { type PageParams, pageBy } from '../../db/page.ts';

export interface WorkerRow {
  id: string;
  name: string;
  zone_id: string;
  public_key: string;
  added_by: string;
  added_at: number;
  revoked_at: number | null;
  last_seen_at: number | null;
  version: string | null;
  address: string | null;
}

export function findByKey(on: Knex, publicKey: string): Promise<WorkerRow | undefined> {
  return on('workers').where({ public_key: publicKey }).first();
}

/** Of those that are not revoked. */
export function findByName(on: Knex, name: string): Promise<WorkerRow | undefined> {
  return on('workers').where({ name, revoked_at: null }).first();
}

export function pageOfWorkers(on: Knex, page: PageParams): Promise<{ rows: WorkerRow[]; next?: string }> {
  return pageBy<WorkerRow & Record<string, unknown>>(on('workers').select('*'), { key: 'id', ...page });
}

export async function insertWorker(tx: Tx, row: WorkerRow): Promise<void> {
  await tx('workers').insert(row);
}

export async function revokeWorker(tx: Tx, id: string, at: number): Promise<void> {
  await tx('workers').where({ id }).update({ revoked_at: at });
}

export async function touchWorker(
  tx: Tx,
  id: string,
  seen: Pick<WorkerRow, 'last_seen_at' | 'version' | 'address'>,
): Promise<void> {
  await tx('workers').where({ id }).update(seen);
}
