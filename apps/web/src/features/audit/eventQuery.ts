import type { ActionEvent } from '@omanager/contract';
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { momentOfDay } from '../../ui/filters/days.ts';

const outcomes = ['done', 'refused', 'failed'] as const satisfies readonly ActionEvent['outcome'][];

/** Which events are shown, as the address says it. */
export interface EventQuery {
  readonly outcome: ActionEvent['outcome'] | null;
  readonly actor: string | null;
  readonly action: string | null;
  readonly family: string | null;
  readonly object: string | null;
  readonly text: string | null;
  /** Days, both of them whole. */
  readonly from: string | null;
  readonly to: string | null;
}

const keys = {
  outcome: 'outcome',
  actor: 'actor',
  action: 'action',
  family: 'family',
  object: 'object',
  text: 'q',
  from: 'from',
  to: 'to',
} as const satisfies Record<keyof EventQuery, string>;
const names = ['outcome', 'actor', 'action', 'family', 'object', 'text', 'from', 'to'] as const;

export function readQuery(search: URLSearchParams): EventQuery {
  const get = (key: string, most = 100) => search.get(key)?.trim().slice(0, most) || null;
  const day = (key: string) => (momentOfDay(search.get(key) ?? '') === null ? null : search.get(key));
  const family = get('family', 40);
  return {
    outcome: outcomes.find((one) => one === search.get('outcome')) ?? null,
    actor: get('actor'),
    action: get('action'),
    family: family !== null && /^[a-zA-Z]+$/.test(family) ? family : null,
    object: get('object', 255),
    text: get('q'),
    from: day('from'),
    to: day('to'),
  };
}

/** Of other words in the address nothing is kept. */
export function writeQuery(query: EventQuery): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of names) {
    const value = query[name];
    if (value !== null && value !== '') search.set(keys[name], value);
  }
  return search;
}

export interface EventFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly family?: string;
  readonly object?: string;
  readonly outcome?: ActionEvent['outcome'];
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What the server is asked for. */
export function filterOf({ outcome, actor, action, family, object, text, from, to }: EventQuery): EventFilter {
  const begin = from === null ? null : momentOfDay(from);
  const end = to === null ? null : momentOfDay(to, 1);
  return {
    ...(outcome !== null && { outcome }),
    ...(actor !== null && { actor }),
    ...(action !== null && { action }),
    ...(family !== null && { family }),
    ...(object !== null && { object }),
    ...(text !== null && { text }),
    ...(begin !== null && { from: begin }),
    ...(end !== null && { to: end }),
  };
}

/** The query of the address, and how it is changed: back leads to what was shown before. */
export function useEventQuery() {
  const [search, setSearch] = useSearchParams();
  const query = useMemo(() => readQuery(search), [search]);
  return {
    query,
    text: writeQuery(query).toString(),
    change: (part: Partial<EventQuery>) => setSearch(writeQuery({ ...query, ...part })),
    choose: (text: string) => setSearch(new URLSearchParams(text)),
  };
}
