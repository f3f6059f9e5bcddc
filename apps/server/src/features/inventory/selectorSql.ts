import type { Selector } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import { pathKey } from './groupPath.ts';
import { spelledNames } from './spelledNames.ts';
import { chunks, type Fragment, prefixRange } from './sql.ts';

const nobody: Fragment = { sql: '1 = 0', bindings: [] };
const everybody: Fragment = { sql: '1 = 1', bindings: [] };

/** How many subqueries MySQL may turn into joins: past a handful its search for the best order takes minutes. */
const maxJoined = 4;

/** A selector as a condition on `hosts`: one statement, whatever it asks for. */
export function selectorSql(selector: Selector, kind: Database['kind']): Fragment {
  const plain = kind === 'sqlite' || countLookups(selector) <= maxJoined;
  return translate(selector, {
    glob: (pattern) => (kind === 'sqlite' ? globSqlite(pattern) : globMysql(pattern)),
    lookup: (sql) => (plain ? sql : `case when ${sql} then 1 else 0 end = 1`),
  });
}

interface Dialect {
  glob(pattern: string): Fragment;
  /** How `… in (select …)` is written. */
  lookup(sql: string): string;
}

function translate(selector: Selector, dialect: Dialect): Fragment {
  switch (selector.kind) {
    case 'none':
      return nobody;
    case 'all':
      return everybody;
    case 'not': {
      const { sql, bindings } = translate(selector.of, dialect);
      return { sql: `not (${sql})`, bindings };
    }
    case 'and':
      return joined(
        selector.of.map((part) => translate(part, dialect)),
        'and',
      );
    case 'or':
      return anyOf(selector.of, dialect);
    default:
      return anyOf([selector], dialect);
  }
}

/** A union: alternatives of one kind become one list or one subquery. */
function anyOf(alternatives: readonly Selector[], dialect: Dialect): Fragment {
  const names: string[] = [];
  const environments: string[] = [];
  const zones: string[] = [];
  const groups: Fragment[] = [];
  const labels: Fragment[] = [];
  const parts: Fragment[] = [];
  for (const one of alternatives) {
    switch (one.kind) {
      case 'name':
      case 'range':
        for (const name of spelledNames(one)) names.push(name);
        break;
      case 'glob':
        parts.push(dialect.glob(one.pattern));
        break;
      case 'environment':
        environments.push(one.name);
        break;
      case 'zone':
        zones.push(one.name);
        break;
      case 'group':
        groups.push({ sql: '(g.path >= ? and g.path <= ?)', bindings: prefixRange(pathKey(one.path)) });
        break;
      case 'label':
        labels.push(labelCondition(one.key, one.value));
        break;
      default:
        parts.push(translate(one, dialect));
    }
  }
  if (names.length > 0) parts.push(listed('hosts.name', names));
  if (environments.length > 0) parts.push(listed('hosts.environment', environments));
  if (zones.length > 0) {
    const { sql, bindings } = listed('z.name', zones);
    const lookup = dialect.lookup(`hosts.zone_id in (select z.id from zones z where ${sql})`);
    parts.push({ sql: lookup, bindings });
  }
  if (groups.length > 0) {
    const { sql, bindings } = joined(groups, 'or');
    const members = 'select m.host_id from host_group_members m join host_groups g on g.id = m.group_id';
    parts.push({ sql: dialect.lookup(`hosts.id in (${members} where ${sql})`), bindings });
  }
  if (labels.length > 0) {
    const { sql, bindings } = joined(labels, 'or');
    const lookup = dialect.lookup(`hosts.id in (select l.host_id from host_labels l where ${sql})`);
    parts.push({ sql: lookup, bindings });
  }
  return joined(parts, 'or');
}

function labelCondition(key: string, value: string | null): Fragment {
  if (value === null) return { sql: 'l.label_key = ?', bindings: [key] };
  return { sql: '(l.label_key = ? and l.label_value = ?)', bindings: [key, value] };
}

/** Upper bound of the subqueries that `translate` makes. */
function countLookups(selector: Selector): number {
  switch (selector.kind) {
    case 'group':
    case 'label':
    case 'zone':
      return 1;
    case 'not':
      return countLookups(selector.of);
    case 'and':
    case 'or':
      return selector.of.reduce((sum, part) => sum + countLookups(part), 0);
    default:
      return 0;
  }
}

function listed(column: string, values: readonly string[]): Fragment {
  const lists = chunks([...new Set(values)]).map((part) => ({
    sql: `${column} in (${part.map(() => '?').join(',')})`,
    bindings: part,
  }));
  return joined(lists, 'or');
}

function globSqlite(pattern: string): Fragment {
  return { sql: 'hosts.name glob ?', bindings: [pattern] };
}

function globMysql(pattern: string): Fragment {
  const like = pattern.replaceAll('_', '|_').replaceAll('*', '%').replaceAll('?', '_');
  return { sql: "hosts.name like ? escape '|'", bindings: [like] };
}

/** Joined as a balanced tree, because both databases bound how deep an expression nests. */
function joined(parts: readonly Fragment[], operator: 'and' | 'or'): Fragment {
  const [first, second] = parts;
  if (!first) return nobody;
  if (!second) return first;
  const middle = Math.ceil(parts.length / 2);
  const left = joined(parts.slice(0, middle), operator);
  const right = joined(parts.slice(middle), operator);
  return { sql: `(${left.sql} ${operator} ${right.sql})`, bindings: [...left.bindings, ...right.bindings] };
}
