import { compressRanges, formatSelector, parseSelector, type Selector } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import { selectorSql } from './selectorSql.ts';
import { spelledNames } from './spelledNames.ts';
import { whereAny } from './sql.ts';

/**
 * Terms of a selector that mean no server at all, as text: a misspelt `!group:cannary` excludes nobody, and nothing
 * else would say so. Names that do not exist are folded into ranges.
 */
export async function emptyTerms(on: Knex, text: string, kind: Database['kind']): Promise<string[]> {
  const leaves = leavesOf(parseSelector(text));
  const names = new Set(leaves.flatMap(spelledNames));
  const rows = await whereAny<{ name: string }>(() => on('hosts').select('name'), 'name', [...names]);
  for (const row of rows) names.delete(row.name);
  const empty = names.size > 0 ? [compressRanges([...names])] : [];
  const others = new Map(
    leaves.filter((leaf) => spelledNames(leaf).length === 0).map((leaf) => [formatSelector(leaf), leaf]),
  );
  for (const [term, leaf] of others) {
    const where = selectorSql(leaf, kind);
    const hit = await on('hosts').select('hosts.id').whereRaw(where.sql, where.bindings).first();
    if (!hit) empty.push(term);
  }
  return empty;
}

function leavesOf(selector: Selector): Selector[] {
  switch (selector.kind) {
    case 'none':
    case 'all':
      return [];
    case 'not':
      return leavesOf(selector.of);
    case 'and':
    case 'or':
      return selector.of.flatMap(leavesOf);
    default:
      return [selector];
  }
}
