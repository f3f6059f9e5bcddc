import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/database.ts';
import { type PageParams, pageBy } from '../../db/page.ts';
import { pathKey, pathOf, withAncestors } from './groupPath.ts';
import { chunks, type Fragment, insertAll, prefixRange, whereAny } from './sql.ts';

export interface GroupRow {
  id: string;
  /** With a closing `/`. */
  path: string;
  created_at: number;
}

export function pageOfGroups(on: Knex, page: PageParams): Promise<{ rows: GroupRow[]; next?: string }> {
  return pageBy<GroupRow & Record<string, unknown>>(on('host_groups').select('*'), { key: 'path', ...page });
}

/** A group and all below it, by path; empty when there is no such group. */
export function subtree(on: Knex, path: string): Promise<GroupRow[]> {
  return Promise.resolve(
    on('host_groups')
      .select('*')
      .whereBetween('path', prefixRange(pathKey(path)))
      .orderBy('path'),
  );
}

/** Servers in each group and the groups below it, each server once. */
export async function countMembers(on: Knex, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await whereAny<{ id: string; hosts: number }>(
    () =>
      on({ t: 'host_group_tree' })
        .join({ m: 'host_group_members' }, 'm.group_id', 't.group_id')
        .select({ id: 't.ancestor_id' })
        .countDistinct({ hosts: 'm.host_id' })
        .groupBy('t.ancestor_id'),
    't.ancestor_id',
    ids,
  );
  return new Map(rows.map((row) => [row.id, Number(row.hosts)]));
}

/** Servers of each environment in each group and the groups below it, by path. */
export async function countTree(on: Knex): Promise<{ environment: string; path: string; hosts: number }[]> {
  const query: Knex.QueryBuilder = on({ t: 'host_group_tree' })
    .join({ m: 'host_group_members' }, 'm.group_id', 't.group_id')
    .join({ h: 'hosts' }, 'h.id', 'm.host_id')
    .join({ g: 'host_groups' }, 'g.id', 't.ancestor_id')
    .select('h.environment', 'g.path')
    .countDistinct({ hosts: 'm.host_id' })
    .groupBy('h.environment', 'g.path')
    .orderBy(['h.environment', 'g.path']);
  const rows: { environment: string; path: string; hosts: number }[] = await query;
  return rows.map((row) => ({ ...row, path: pathOf(row.path), hosts: Number(row.hosts) }));
}

/** Ids by path; groups that do not exist yet are made, with those above them. */
export async function ensureGroups(tx: Tx, paths: readonly string[], now: number): Promise<Map<string, string>> {
  const wanted = [...new Set(paths.flatMap(withAncestors))];
  const existing = await whereAny<GroupRow>(() => tx('host_groups').select('*'), 'path', wanted.map(pathKey));
  const ids = new Map(existing.map((row) => [pathOf(row.path), row.id]));
  const missing = wanted.filter((path) => !ids.has(path));
  const rows: GroupRow[] = missing.map((path) => ({ id: uuid(), path: pathKey(path), created_at: now }));
  await insertAll(tx, 'host_groups', rows);
  for (const row of rows) ids.set(pathOf(row.path), row.id);
  await insertTree(tx, missing, ids);
  return new Map(wanted.map((path) => [path, ids.get(path) ?? '']));
}

/** Says below which groups these paths are; `ids` knows them and all above them. */
async function insertTree(tx: Tx, paths: readonly string[], ids: ReadonlyMap<string, string>): Promise<void> {
  const rows = paths.flatMap((path) =>
    withAncestors(path).map((above) => ({ ancestor_id: ids.get(above), group_id: ids.get(path) })),
  );
  await insertAll(tx, 'host_group_tree', rows);
}

/** Gives a group and all below it another beginning; the groups above the new one exist. */
export async function movePaths(tx: Tx, from: string, to: string): Promise<void> {
  const moved = (await subtree(tx, from)).map((row) => ({
    id: row.id,
    path: to + pathOf(row.path).slice(from.length),
  }));
  for (const part of chunks(moved)) {
    await tx('host_group_tree')
      .whereIn(
        'group_id',
        part.map((group) => group.id),
      )
      .delete();
  }
  // substr counts characters, not UTF-16 units.
  const rest = Array.from(pathKey(from)).length + 1;
  await tx('host_groups')
    .whereBetween('path', prefixRange(pathKey(from)))
    .update({ path: tx.raw('concat(?, substr(path, ?))', [pathKey(to), rest]) });
  const paths = moved.map((group) => group.path);
  const all = await whereAny<GroupRow>(
    () => tx('host_groups').select('*'),
    'path',
    [...new Set(paths.flatMap(withAncestors))].map(pathKey),
  );
  await insertTree(tx, paths, new Map(all.map((row) => [pathOf(row.path), row.id])));
}

export async function deleteSubtree(tx: Tx, path: string): Promise<void> {
  await tx('host_groups')
    .whereBetween('path', prefixRange(pathKey(path)))
    .delete();
}

/** Ids of the hosts of a condition that are in one of these groups, or in none of them. */
export async function membersWhere(
  tx: Tx,
  where: Fragment,
  groupIds: readonly string[],
  inside: boolean,
): Promise<string[]> {
  const rows: { id: string }[] = await tx('hosts').select('hosts.id').whereRaw(where.sql, where.bindings);
  const members = new Set<string>();
  for (const part of chunks(groupIds)) {
    const found: { host_id: string }[] = await tx('host_group_members').select('host_id').whereIn('group_id', part);
    for (const row of found) members.add(row.host_id);
  }
  return rows.map((row) => row.id).filter((id) => members.has(id) === inside);
}

export function insertMembers(tx: Tx, groupId: string, hostIds: readonly string[]): Promise<void> {
  const rows = hostIds.map((host_id) => ({ group_id: groupId, host_id }));
  return insertAll(tx, 'host_group_members', rows);
}

export async function deleteMembers(tx: Tx, groupIds: readonly string[], hostIds: readonly string[]): Promise<void> {
  for (const groups of chunks(groupIds)) {
    for (const hosts of chunks(hostIds)) {
      await tx('host_group_members').whereIn('group_id', groups).whereIn('host_id', hosts).delete();
    }
  }
}
