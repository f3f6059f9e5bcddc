import { parseSelector } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import { groupsOfHosts, groupsWhere, type HostRow, hostsById, hostsWhere } from './hostStore.ts';
import { hopsBefore } from './routes.ts';
import { selectorSql } from './selectorSql.ts';
import type { CredentialNames, CredentialRef, ResolvedHost, RouteHop } from './types.ts';
import { allZones } from './zoneStore.ts';

/** Up to here it is faster to ask by id than to have the selector worked out again. */
const maxAskedById = 2_000;

/** The hosts a selector means now, by name, with credential and route. SELECTOR_INVALID when it cannot be read. */
export async function resolveSelector(
  on: Knex,
  text: string,
  { kind, credentials }: { kind: Database['kind']; credentials: CredentialNames },
): Promise<ResolvedHost[]> {
  const where = selectorSql(parseSelector(text), kind);
  const rows = await hostsWhere(on, where);
  const ids = rows.map((row) => row.id);
  const groups = ids.length > maxAskedById ? await groupsWhere(on, where) : await groupsOfHosts(on, ids);
  return resolved(on, rows, { groups, credentials });
}

/** The same for servers that are known by id; those that are gone are left out. */
export async function resolveIds(
  on: Knex,
  ids: readonly string[],
  { credentials }: { credentials: CredentialNames },
): Promise<ResolvedHost[]> {
  return resolved(on, await hostsById(on, ids), { groups: await groupsOfHosts(on, ids), credentials });
}

async function resolved(
  on: Knex,
  rows: readonly HostRow[],
  { groups, credentials }: { groups: ReadonlyMap<string, string[]>; credentials: CredentialNames },
): Promise<ResolvedHost[]> {
  if (rows.length === 0) return [];
  const zones = new Map((await allZones(on)).map((zone) => [zone.id, zone]));
  const jumpIds = new Set([...zones.values()].flatMap((zone) => zone.jumpHostIds));
  const jumpRows = await hostsById(on, [...jumpIds]);
  const used = new Set([...rows, ...jumpRows].map((row) => row.credential_id).filter((id) => id !== null));
  const refs = await credentials.byIds(on, [...used]);
  const hops = new Map(jumpRows.map((row) => [row.id, toHop(row, refs)]));
  const routes = new Map(
    [...zones.values()].map((zone) => [zone.id, zone.jumpHostIds.flatMap((id) => hops.get(id) ?? [])]),
  );

  return rows.map((row) => {
    const zone = zones.get(row.zone_id);
    const route = routes.get(row.zone_id) ?? [];
    const before = jumpIds.has(row.id) ? hopsBefore(row.id, zone?.jumpHostIds ?? []).length : route.length;
    return {
      id: row.id,
      name: row.name,
      address: row.address,
      port: row.port,
      user: row.user_name,
      zoneId: row.zone_id,
      zone: zone?.name ?? '',
      environment: row.environment,
      labels: JSON.parse(row.labels),
      groups: groups.get(row.id) ?? [],
      ...credentialOf(row, refs),
      route: before === route.length ? route : route.slice(0, before),
    };
  });
}

function toHop(row: HostRow, refs: ReadonlyMap<string, CredentialRef>): RouteHop {
  return {
    hostId: row.id,
    name: row.name,
    address: row.address,
    port: row.port,
    user: row.user_name,
    zoneId: row.zone_id,
    ...credentialOf(row, refs),
  };
}

function credentialOf(row: HostRow, refs: ReadonlyMap<string, CredentialRef>) {
  const id = row.credential_id;
  return { credentialId: id, credential: id === null ? null : (refs.get(id) ?? null) };
}
