import type { ZoneDraft } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { insertAll } from './sql.ts';

export interface ZoneRow {
  id: string;
  name: string;
  title: string;
  host_key_policy: ZoneDraft['hostKeyPolicy'];
  reach: ZoneDraft['reach'];
  parallel: number | null;
  created_at: number;
}

/** A zone with the ids of its jump hosts, outermost first. */
export interface ZoneWithJumps extends ZoneRow {
  readonly jumpHostIds: readonly string[];
}

/** All zones by name. There are as many as sites, so they are always read whole. */
export async function allZones(on: Knex): Promise<ZoneWithJumps[]> {
  const zones: ZoneRow[] = await on('zones').select('*').orderBy('name');
  const jumps: { zone_id: string; host_id: string }[] = await on('zone_jump_hosts').select('*').orderBy('position');
  const byZone = Map.groupBy(jumps, (jump) => jump.zone_id);
  return zones.map((zone) => ({ ...zone, jumpHostIds: (byZone.get(zone.id) ?? []).map((jump) => jump.host_id) }));
}

export async function insertZone(tx: Tx, row: ZoneRow): Promise<void> {
  await tx('zones').insert(row);
}

export async function updateZone(
  tx: Tx,
  id: string,
  changes: Pick<ZoneRow, 'title' | 'host_key_policy' | 'reach' | 'parallel'>,
): Promise<void> {
  await tx('zones').where({ id }).update(changes);
}

export async function setJumpHosts(tx: Tx, zoneId: string, hostIds: readonly string[]): Promise<void> {
  await tx('zone_jump_hosts').where({ zone_id: zoneId }).delete();
  const rows = hostIds.map((host_id, position) => ({ zone_id: zoneId, position, host_id }));
  await insertAll(tx, 'zone_jump_hosts', rows);
}

export async function hostsPerZone(on: Knex): Promise<Map<string, number>> {
  const rows: { zone_id: string; hosts: number }[] = await on('hosts')
    .select('zone_id')
    .count({ hosts: '*' })
    .groupBy('zone_id');
  return new Map(rows.map((row) => [row.zone_id, Number(row.hosts)]));
}

/** Credentials in use in a zone. */
export async function credentialsOfZone(on: Knex, zoneId: string): Promise<string[]> {
  const rows: { credential_id: string }[] = await on('hosts')
    .distinct('credential_id')
    .where({ zone_id: zoneId })
    .whereNotNull('credential_id');
  return rows.map((row) => row.credential_id);
}

export async function deleteZone(tx: Tx, id: string): Promise<void> {
  await tx('host_keys').where({ zone_id: id }).delete();
  await tx('zones').where({ id }).delete();
}
