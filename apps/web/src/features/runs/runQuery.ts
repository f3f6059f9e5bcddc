import { type ParamsIn, type RunState, runStates } from '@omanager/contract';
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { momentOfDay } from '../../ui/filters/days.ts';

/** Which runs are shown, as the address says it. */
export interface RunQuery {
  readonly states: readonly RunState[];
  /** A user name, or `me`. */
  readonly by: string | null;
  /** A server's name. */
  readonly host: string | null;
  readonly module: string | null;
  readonly environment: string | null;
  readonly text: string | null;
  /** Days, both of them whole. */
  readonly from: string | null;
  readonly to: string | null;
}

type Name = Exclude<keyof RunQuery, 'states'>;
const names: readonly (readonly [Name, string])[] = [
  ['by', 'by'],
  ['host', 'server'],
  ['module', 'module'],
  ['environment', 'env'],
  ['text', 'q'],
  ['from', 'from'],
  ['to', 'to'],
];

export function readQuery(search: URLSearchParams): RunQuery {
  const said = (search.get('state') ?? '').split(',');
  const get = (key: string) => search.get(key)?.trim().slice(0, 100) || null;
  const day = (key: string) => (momentOfDay(search.get(key) ?? '') === null ? null : search.get(key));
  return {
    states: runStates.filter((state) => said.includes(state)),
    by: get('by'),
    host: get('server'),
    module: get('module'),
    environment: get('env'),
    text: get('q'),
    from: day('from'),
    to: day('to'),
  };
}

/** Of other words in the address nothing is kept. */
export function writeQuery(query: RunQuery): URLSearchParams {
  const search = new URLSearchParams();
  if (query.states.length > 0) search.set('state', query.states.join(','));
  for (const [name, key] of names) {
    const value = query[name];
    if (value !== null && value !== '') search.set(key, value);
  }
  return search;
}

export type Filter = Omit<ParamsIn<'runs.list'>, 'cursor' | 'limit'>;

/** What the server is asked for; without the period, for the chart. */
export function filterOf(query: RunQuery, me: string, { hostId = '', period = true } = {}): Filter {
  const { states, by, module, environment, text } = query;
  const from = period && query.from !== null ? momentOfDay(query.from) : null;
  const to = period && query.to !== null ? momentOfDay(query.to, 1) : null;
  return {
    ...(states.length > 0 && { states: [...states] }),
    ...(by !== null && { startedBy: by === 'me' ? me : by }),
    ...(hostId !== '' && { hostId }),
    ...(module !== null && { module }),
    ...(environment !== null && { environment }),
    ...(text !== null && { text }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
  };
}

/** The query of the address, and how it is changed: back leads to what was shown before. */
export function useRunQuery() {
  const [search, setSearch] = useSearchParams();
  const query = useMemo(() => readQuery(search), [search]);
  return {
    query,
    text: writeQuery(query).toString(),
    change: (part: Partial<RunQuery>) => setSearch(writeQuery({ ...query, ...part })),
    choose: (text: string) => setSearch(new URLSearchParams(text)),
  };
}
