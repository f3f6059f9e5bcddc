import { finalRunStates, type ParamsOf } from '@omanager/contract';
import type { Knex } from 'knex';

export type Filter = Pick<
  ParamsOf<'runs.list'>,
  'states' | 'module' | 'startedBy' | 'hostId' | 'environment' | 'text' | 'from' | 'to'
>;

/** All that a filter says. */
export function filtered<Q extends Knex.QueryBuilder>(query: Q, { from, to, ...what }: Filter): Q {
  for (const [sql, values] of conditions(what)) query.whereRaw(sql, values);
  if (from !== undefined) query.where('runs.created_at', '>=', Date.parse(from));
  if (to !== undefined) query.where('runs.created_at', '<', Date.parse(to));
  return query;
}

/**
 * A filter in two parts: what one index finds in the order of time, and what has to be asked of each run that was found
 * so. The first is what finds the fewest.
 */
export function parted({ from, to, ...what }: Filter): { found: Filter; asked: Omit<Filter, 'from' | 'to'> } {
  const { states, hostId, module, startedBy, ...rest } = what;
  const period = { from, to };
  // Few runs are under way.
  const underWay = states !== undefined && !states.some((state) => finalRunStates.has(state));
  if (underWay) return { found: { states, ...period }, asked: { hostId, module, startedBy, ...rest } };
  if (hostId !== undefined) return { found: { hostId, ...period }, asked: { states, module, startedBy, ...rest } };
  if (module !== undefined) return { found: { module, ...period }, asked: { states, startedBy, ...rest } };
  if (startedBy !== undefined) return { found: { startedBy, ...period }, asked: { states, ...rest } };
  if (states?.length === 1) return { found: { states, ...period }, asked: rest };
  return { found: period, asked: { states, ...rest } };
}

/** What a filter says apart from the period, as SQL and its values. */
export function conditions({
  states,
  module,
  startedBy,
  hostId,
  environment,
  text,
}: Omit<Filter, 'from' | 'to'>): [string, string[]][] {
  const all: [string, string[]][] = [];
  if (states !== undefined) all.push([`runs.state in (${states.map(() => '?').join(', ')})`, states]);
  if (module !== undefined) all.push(['runs.module_id = ?', [module]]);
  if (startedBy !== undefined) all.push(['runs.started_by = ?', [startedBy]]);
  if (environment !== undefined) all.push(['instr(runs.environments, ?) > 0', [`,${environment},`]]);
  if (text !== undefined) all.push(['instr(runs.search, ?) > 0', [text.toLowerCase()]]);
  if (hostId !== undefined) all.push(['runs.id in (select run_id from run_hosts where host_id = ?)', [hostId]]);
  return all;
}
