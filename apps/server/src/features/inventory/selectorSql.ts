import { expandRanges, type Selector, selectorLimits } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import { pathKey } from './groupPath.ts';
import { chunks, type Fragment, prefixRange } from './sql.ts';

const nobody: Fragment = { sql: '1 = 0', bindings: [] };

/** A selector as a condition on `hosts`: one statement, whatever it asks for. */
export function selectorSql(selector: Selector, kind: Database['kind']): Fragment {
  switch (selector.kind) {
    case 'none':
      return nobody;
    case 'all':
      return { sql: '1 = 1', bindings: [] };
    case 'name':
    case 'range':
      return named(namesOf(selector));
    case 'glob':
      return glob(selector.pattern, kind);
    case 'group':
      return {
        sql: 'hosts.id in (select m.host_id from host_group_members m join host_groups g on g.id = m.group_id where g.path >= ? and g.path <= ?)',
        bindings: prefixRange(pathKey(selector.path)),
      };
    case 'label': {
      const sql = 'hosts.id in (select l.host_id from host_labels l where l.label_key = ?';
      if (selector.value === null) return { sql: `${sql})`, bindings: [selector.key] };
      return { sql: `${sql} and l.label_value = ?)`, bindings: [selector.key, selector.value] };
    }
    case 'environment':
      return { sql: 'hosts.environment = ?', bindings: [selector.name] };
    case 'zone':
      return { sql: 'hosts.zone_id in (select z.id from zones z where z.name = ?)', bindings: [selector.name] };
    case 'not': {
      const { sql, bindings } = selectorSql(selector.of, kind);
      return { sql: `not (${sql})`, bindings };
    }
    case 'and':
      return joined(
        selector.of.map((part) => selectorSql(part, kind)),
        'and',
      );
    case 'or': {
      // Names that were listed one by one become one list.
      const names = selector.of.flatMap(namesOf);
      const others = selector.of.filter((part) => part.kind !== 'name' && part.kind !== 'range');
      const parts = others.map((part) => selectorSql(part, kind));
      return joined(names.length ? [named(names), ...parts] : parts, 'or');
    }
  }
}

function namesOf(selector: Selector): string[] {
  if (selector.kind === 'name') return [selector.name];
  return selector.kind === 'range' ? expandRanges(selector.text, selectorLimits.names) : [];
}

function named(names: readonly string[]): Fragment {
  return joined(
    chunks([...new Set(names)]).map((part) => ({
      sql: `hosts.name in (${part.map(() => '?').join(',')})`,
      bindings: part,
    })),
    'or',
  );
}

function glob(pattern: string, kind: Database['kind']): Fragment {
  if (kind === 'sqlite') return { sql: 'hosts.name glob ?', bindings: [pattern] };
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
