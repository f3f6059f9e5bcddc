import type { CommandEvent, ParamsIn } from '@omanager/contract';
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { momentOfDay } from '../../../ui/filters/days.ts';

/** Which commands are shown, as the address says it. */
export interface CommandQuery {
  readonly host: string | null;
  readonly user: string | null;
  readonly text: string | null;
  /** A number, or `failed`. */
  readonly exit: string | null;
  readonly session: string | null;
  readonly run: string | null;
  readonly terminal: string | null;
  /** Id of a run: on its servers. */
  readonly hostsOf: string | null;
  /** Of no run and no recorded terminal. */
  readonly outside: 'yes' | null;
  readonly signed: 'no' | null;
  /** Only what is missing. */
  readonly gaps: 'yes' | null;
  /** Programs that the kernel saw start, in place of what was typed. */
  readonly programs: 'yes' | null;
  /** Whole days, or moments. */
  readonly from: string | null;
  readonly to: string | null;
}

/** What is no command but says that some may be missing. */
const coverageKinds = ['dropped', 'gap', 'silence', 'resumed', 'clock'] as const satisfies CommandEvent['kind'][];

const keys = {
  ...{ host: 'host', user: 'user', text: 'q', exit: 'exit', session: 'session', run: 'run', terminal: 'terminal' },
  ...{ hostsOf: 'hostsOf' },
  ...{ outside: 'outside', signed: 'signed', gaps: 'gaps', programs: 'programs', from: 'from', to: 'to' },
} as const satisfies Record<keyof CommandQuery, string>;
const names = [
  ...(['host', 'user', 'text', 'exit', 'session', 'run', 'terminal', 'hostsOf'] as const),
  ...(['outside', 'signed', 'gaps', 'programs', 'from', 'to'] as const),
];
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const noQuery: CommandQuery = {
  ...{ host: null, user: null, text: null, exit: null, session: null, run: null, terminal: null, hostsOf: null },
  ...{ outside: null, signed: null, gaps: null, programs: null, from: null, to: null },
};

export function readQuery(search: URLSearchParams): CommandQuery {
  const get = (name: keyof CommandQuery, most = 100) => search.get(keys[name])?.trim().slice(0, most) || null;
  const matching = (name: keyof CommandQuery, pattern: RegExp) => {
    const value = get(name);
    return value !== null && pattern.test(value) ? value : null;
  };
  const time = (name: 'from' | 'to') => (momentOf(get(name)) === null ? null : get(name));
  return {
    host: get('host'),
    user: get('user'),
    text: get('text', 200),
    exit: matching('exit', /^(failed|-?\d{1,9})$/),
    session: get('session'),
    run: matching('run', uuid),
    terminal: matching('terminal', uuid),
    hostsOf: matching('hostsOf', uuid),
    outside: get('outside') === 'yes' ? 'yes' : null,
    signed: get('signed') === 'no' ? 'no' : null,
    gaps: get('gaps') === 'yes' ? 'yes' : null,
    programs: get('programs') === 'yes' ? 'yes' : null,
    from: time('from'),
    to: time('to'),
  };
}

/** Of other words in the address nothing is kept. */
export function writeQuery(query: CommandQuery): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of names) {
    const value = query[name];
    if (value !== null && value !== '') search.set(keys[name], value);
  }
  return search;
}

function momentOf(value: string | null, after: 0 | 1 = 0): string | null {
  if (value === null) return null;
  const ofDay = momentOfDay(value, after);
  if (ofDay !== null) return ofDay;
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

type CommandFilter = Omit<ParamsIn<'commands.list'>, 'cursor' | 'limit'>;

/** What the server is asked for. */
export function filterOf(query: CommandQuery): CommandFilter {
  const { host, user, text, exit, session, run, terminal, hostsOf, outside, signed, gaps, programs } = query;
  const kinds: CommandEvent['kind'][] = [...(gaps ? coverageKinds : []), ...(programs ? ['executed' as const] : [])];
  return {
    ...periodOf(query),
    ...(host !== null && { host }),
    ...(user !== null && { user }),
    ...(text !== null && { text }),
    ...(exit !== null && { exit: exit === 'failed' ? exit : Number(exit) }),
    ...(session !== null && { session }),
    ...(run !== null && { run }),
    ...(terminal !== null && { terminal }),
    ...(hostsOf !== null && { hostsOf }),
    ...(outside !== null && { outside: true }),
    ...(signed !== null && { signed: false }),
    ...(kinds.length > 0 && { kinds }),
  };
}

/** What is missing where the filter looks, if the filter itself would hide it: a list must not look whole when it is not. */
export function coverageOf(query: CommandQuery): CommandFilter | null {
  const { host, hostsOf, gaps, from: _from, to: _to, ...narrower } = query;
  if (gaps !== null || Object.values(narrower).every((value) => value === null)) return null;
  const where = { ...(host !== null && { host }), ...(hostsOf !== null && { hostsOf }) };
  return { ...periodOf(query), ...where, kinds: [...coverageKinds] };
}

function periodOf({ from, to }: CommandQuery): { from?: string; to?: string } {
  const begin = momentOf(from);
  const end = momentOf(to, 1);
  return { ...(begin !== null && { from: begin }), ...(end !== null && { to: end }) };
}

/** The page with a filter that is given by another page. */
export const commandsAddress = (part: Partial<CommandQuery>): string =>
  `/audit/commands?${writeQuery({ ...noQuery, ...part })}`;

/** A moment so many minutes after another. */
export const minutesFrom = (at: string, minutes: number): string =>
  new Date(Date.parse(at) + minutes * 60_000).toISOString();

/** What was seen on the same server within five minutes of an event. */
export function aroundOf({ at, hostId, hostName, address }: CommandEvent): CommandQuery {
  return {
    ...noQuery,
    host: hostId === null ? address || hostName : hostName,
    from: minutesFrom(at, -5),
    to: minutesFrom(at, 5),
  };
}

/** The query of the address, and how it is changed: back leads to what was shown before. */
export function useCommandQuery() {
  const [search, setSearch] = useSearchParams();
  const query = useMemo(() => readQuery(search), [search]);
  return {
    query,
    text: writeQuery(query).toString(),
    change: (part: Partial<CommandQuery>) => setSearch(writeQuery({ ...query, ...part })),
    choose: (text: string) => setSearch(new URLSearchParams(text)),
  };
}
