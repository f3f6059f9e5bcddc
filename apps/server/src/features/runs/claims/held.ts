import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import type { HostRunRow } from '../rows.ts';
import type { HostAttempt, ZoneScope } from './exchange.ts';
import { type LockedRun, slice } from './lockedRun.ts';

export interface Lease {
  lease_owner: string;
  lease_until: number;
}

export type HeldHost = Pick<
  HostRunRow,
  'ordinal' | 'attempt' | 'state' | 'zone_id' | 'started_at' | 'ended_at' | 'probe_at' | 'probe_ask'
>;

export const heldColumns = [
  'ordinal',
  'attempt',
  'state',
  'zone_id',
  'started_at',
  'ended_at',
  'probe_at',
  'probe_ask',
] as const;

/**
 * Which of these hosts this owner holds, in which state and attempt. A lease ends when it is taken back, not by the
 * clock alone: while the database was away nobody could renew it, and nobody else holds the host either.
 */
export async function heldBy(
  tx: Tx,
  run: LockedRun,
  owner: string,
  asked: readonly Pick<HostAttempt, 'ordinal'>[],
): Promise<Map<number, HeldHost>> {
  const held = new Map<number, HeldHost>();
  for (let i = 0; i < asked.length; i += slice) {
    const rows: HeldHost[] = await tx('run_hosts')
      .where({ run_id: run.row.id, lease_owner: owner })
      .whereIn('ordinal', ordinals(asked.slice(i, i + slice)))
      .select(...heldColumns);
    for (const row of rows) held.set(row.ordinal, row);
  }
  return held;
}

export function ordinals(hosts: readonly Pick<HostAttempt, 'ordinal'>[]): number[] {
  return hosts.map(({ ordinal }) => ordinal);
}

export function inScope(query: Knex.QueryBuilder, zones: ZoneScope): Knex.QueryBuilder {
  return 'only' in zones
    ? query.whereIn('zone_id', [...zones.only])
    : zones.except.length === 0
      ? query
      : query.whereNotIn('zone_id', [...zones.except]);
}
