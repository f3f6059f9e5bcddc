import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { pageBy } from '../../db/page.ts';
import { pathOf } from './groupPath.ts';
import { chunks, type Fragment, insertAll, whereAny } from './sql.ts';
import { type Endpoint, endpointKey } from './types.ts';

export interface HostRow {
  id: string;
  name: string;
  address: string;
  port: number;
  user_name: string;
  credential_id: string | null;
  zone_id: string;
  environment: string;
  /** JSON of the labels, keys sorted; `host_labels` is its index. */
  labels: string;
  created_at: number;
  updated_at: number;
}

export async function pageOfHosts(
  on: Knex,
  { where, ...page }: { where?: Fragment | undefined; cursor?: string | undefined; limit: number },
): Promise<{ rows: HostRow[]; next?: string }> {
  const query = on('hosts').select('hosts.*');
  if (where) query.whereRaw(where.sql, where.bindings);
  return pageBy<HostRow & Record<string, unknown>>(query, { key: 'name', ...page });
}

/** All hosts of a condition, by name. */
export function hostsWhere(on: Knex, where: Fragment): Promise<HostRow[]> {
  return Promise.resolve(on('hosts').select('hosts.*').whereRaw(where.sql, where.bindings).orderBy('name'));
}

export async function countHosts(
  on: Knex,
  where: Fragment,
): Promise<{ environment: string; zoneId: string; hosts: number }[]> {
  const rows: { environment: string; zone_id: string; hosts: number }[] = await on('hosts')
    .select('environment', 'zone_id')
    .count({ hosts: '*' })
    .whereRaw(where.sql, where.bindings)
    .groupBy('environment', 'zone_id');
  return rows.map((row) => ({ environment: row.environment, zoneId: row.zone_id, hosts: Number(row.hosts) }));
}

export function hostsByName(on: Knex, names: readonly string[]): Promise<HostRow[]> {
  return whereAny<HostRow>(() => on('hosts').select('hosts.*'), 'name', names);
}

export function hostsById(on: Knex, ids: readonly string[]): Promise<HostRow[]> {
  return whereAny<HostRow>(() => on('hosts').select('hosts.*'), 'id', ids);
}

export function hostsOfZones(on: Knex, zoneIds: readonly string[]): Promise<HostRow[]> {
  return whereAny<HostRow>(() => on('hosts').select('hosts.*').orderBy('name'), 'zone_id', zoneIds);
}

/** Names and credentials of the hosts at each endpoint, by `endpointKey`. */
export async function hostsAt(
  on: Knex,
  endpoints: readonly Endpoint[],
): Promise<Map<string, { name: string; credentialId: string | null }[]>> {
  const found = new Map<string, { name: string; credentialId: string | null }[]>();
  for (const row of await rowsAt<HostRow>(endpoints, () => on('hosts').select('hosts.*').orderBy('name'))) {
    const key = endpointKey({ zoneId: row.zone_id, address: row.address, port: row.port });
    const host = { name: row.name, credentialId: row.credential_id };
    const hosts = found.get(key);
    if (hosts) hosts.push(host);
    else found.set(key, [host]);
  }
  return found;
}

/** Rows of a table with zone_id, address and port, at these endpoints. */
export async function rowsAt<Row>(endpoints: readonly Endpoint[], query: () => Knex.QueryBuilder): Promise<Row[]> {
  const groups = new Map<string, { zoneId: string; port: number; addresses: Set<string> }>();
  for (const { zoneId, port, address } of endpoints) {
    const key = `${zoneId}|${port}`;
    const group = groups.get(key) ?? { zoneId, port, addresses: new Set() };
    group.addresses.add(address);
    groups.set(key, group);
  }
  const rows: Row[] = [];
  for (const { zoneId, port, addresses } of groups.values()) {
    const here = () => query().where({ zone_id: zoneId, port });
    rows.push(...(await whereAny<Row>(here, 'address', [...addresses])));
  }
  return rows;
}

/** Group paths of hosts, sorted, by host id. */
export async function groupsOfHosts(on: Knex, ids: readonly string[]): Promise<Map<string, string[]>> {
  return collectGroups(await whereAny<MemberRow>(() => memberships(on), 'm.host_id', ids));
}

/** The same for all hosts of a condition, in one statement. */
export async function groupsWhere(on: Knex, where: Fragment): Promise<Map<string, string[]>> {
  const hosts = on('hosts').select('hosts.id').whereRaw(where.sql, where.bindings);
  return collectGroups(await memberships(on).whereIn('m.host_id', hosts));
}

interface MemberRow {
  host_id: string;
  path: string;
}

function memberships(on: Knex): Knex.QueryBuilder {
  return on({ m: 'host_group_members' }).join({ g: 'host_groups' }, 'g.id', 'm.group_id').select('m.host_id', 'g.path');
}

function collectGroups(rows: readonly MemberRow[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const paths = groups.get(row.host_id);
    if (paths) paths.push(pathOf(row.path));
    else groups.set(row.host_id, [pathOf(row.path)]);
  }
  for (const paths of groups.values()) paths.sort();
  return groups;
}

export interface HostDetails {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly groupIds: readonly string[];
}

export function insertHosts(tx: Tx, rows: readonly HostRow[]): Promise<void> {
  return insertAll(tx, 'hosts', rows);
}

export async function updateHosts(tx: Tx, rows: readonly HostRow[]): Promise<void> {
  // An upsert by id is the one way to change many rows differently in one statement on both databases.
  for (const part of chunks(rows, 200)) await tx('hosts').insert(part).onConflict('id').merge();
}

/** Replaces labels and groups of hosts; `existing` says that there may be some already. */
export async function setDetails(tx: Tx, hosts: readonly HostDetails[], existing: boolean): Promise<void> {
  if (existing) {
    for (const part of chunks(hosts.map((host) => host.id))) {
      await tx('host_labels').whereIn('host_id', part).delete();
      await tx('host_group_members').whereIn('host_id', part).delete();
    }
  }
  const labels = hosts.flatMap(({ id, labels }) =>
    Object.entries(labels).map(([label_key, label_value]) => ({ host_id: id, label_key, label_value })),
  );
  await insertAll(tx, 'host_labels', labels);
  const members = hosts.flatMap(({ id, groupIds }) => groupIds.map((group_id) => ({ group_id, host_id: id })));
  await insertAll(tx, 'host_group_members', members);
}

export async function deleteHosts(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const part of chunks(ids)) await tx('hosts').whereIn('id', part).delete();
}
