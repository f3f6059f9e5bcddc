import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/database.ts';
import { pathKey, withAncestors } from './groupPath.ts';
import { insertAll, whereAny } from './sql.ts';

export interface GroupRow {
  id: string;
  path: string;
  created_at: number;
}

/** Ids by path; groups that do not exist yet are made, with those above them. */
export async function ensureGroups(tx: Tx, paths: readonly string[], now: number): Promise<Map<string, string>> {
  const wanted = [...new Set(paths.flatMap(withAncestors))];
  const known = new Map(
    (await whereAny<GroupRow>(() => tx('host_groups').select('*'), 'path', wanted.map(pathKey))).map((row) => [
      row.path,
      row.id,
    ]),
  );
  const missing = wanted.filter((path) => !known.has(pathKey(path)));
  const rows: GroupRow[] = missing.map((path) => ({ id: uuid(), path: pathKey(path), created_at: now }));
  await insertAll(tx, 'host_groups', rows);
  for (const row of rows) known.set(row.path, row.id);
  return new Map(wanted.map((path) => [path, known.get(pathKey(path)) ?? '']));
}
