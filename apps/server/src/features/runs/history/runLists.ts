import {
  finalRunStates,
  OmError,
  type ParamsOf,
  type ResultOf,
  type Run,
  type RunState,
  runStates,
} from '@omanager/contract';
import type { Knex } from 'knex';
import { decodeCursor, encodeCursor, iso } from '../../../db/page.ts';
import { type JoinedRow, joinedRuns, toRun } from '../store.ts';

type Filter = Pick<
  ParamsOf<'runs.list'>,
  'states' | 'module' | 'startedBy' | 'hostId' | 'environment' | 'text' | 'from' | 'to'
>;

const dayMs = 24 * 3_600_000;
const activeStates = runStates.filter((state) => !finalRunStates.has(state));

/** Runs by page, newest first. */
export async function listRuns(
  on: Knex,
  { cursor, limit, ...filter }: ParamsOf<'runs.list'>,
): Promise<ResultOf<'runs.list'>> {
  // Not joined: a database that begins with the plans would have to sort all runs.
  const query = filtered(on('runs'), filter);
  if (cursor !== undefined) {
    const [at, id = ''] = decodeCursor(cursor).split(' ');
    const createdAt = Number(at);
    if (!Number.isSafeInteger(createdAt)) throw new OmError('INVALID_PARAMS', 'The cursor is none of this list.');
    // The first condition alone bounds the index; a database does not see that in the second.
    query
      .where('runs.created_at', '<=', createdAt)
      .andWhere((q) => q.where('runs.created_at', '<', createdAt).orWhere('runs.id', '<', id));
  }
  const found: { id: string; created_at: number }[] = await query
    .orderBy([
      { column: 'runs.created_at', order: 'desc' },
      { column: 'runs.id', order: 'desc' },
    ])
    .limit(limit + 1)
    .select('runs.id', 'runs.created_at');
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const runs = new Map(
    (
      await runsOf(
        on,
        page.map(({ id }) => id),
        {},
      )
    ).map((run) => [run.id, run]),
  );
  // One that retention has just removed is none.
  const items = page.flatMap(({ id }) => runs.get(id) ?? []);
  const more = found.length > limit && last;
  return { items, ...(more ? { next: encodeCursor(`${last.created_at} ${last.id}`) } : {}) };
}

/** How many runs each of the last days saw, by state. */
export async function runsByDay(
  on: Knex,
  { days, until, offsetMinutes, ...filter }: ParamsOf<'runs.byDay'>,
  now: number,
): Promise<ResultOf<'runs.byDay'>> {
  const offset = offsetMinutes * 60_000;
  const last = startOfDay((until === undefined ? now : Date.parse(until)) + offset);
  const first = last - (days - 1) * dayMs;
  const rows: { day: number | string; state: RunState; n: number | string }[] = await filtered(on('runs'), filter)
    .where('runs.created_at', '>=', first - offset)
    .where('runs.created_at', '<', last + dayMs - offset)
    // Without a division: the databases do not agree on what it gives.
    .select(on.raw('runs.created_at + ? - (runs.created_at + ?) % ? as day', [offset, offset, dayMs]))
    .select({ state: 'runs.state' })
    .count({ n: '*' })
    .groupBy('day', 'runs.state');
  const counts = new Map<number, Partial<Record<RunState, number>>>();
  for (const { day, state, n } of rows) counts.set(Number(day), { ...counts.get(Number(day)), [state]: Number(n) });
  return {
    days: Array.from({ length: days }, (_, i) => {
      const day = first + i * dayMs;
      return {
        day: iso(day).slice(0, 10),
        from: iso(day - offset),
        to: iso(day + dayMs - offset),
        counts: counts.get(day) ?? {},
      };
    }),
  };
}

/** Runs under way, newest first, as they are now. */
export async function activeRuns(on: Knex, limit: number): Promise<Run[]> {
  const rows: JoinedRow[] = await joinedRuns(on)
    .whereIn('runs.state', activeStates)
    .orderBy('runs.created_at', 'desc')
    .limit(limit);
  return rows.map(toRun);
}

/** The highest number given so far. Numbers are given in the order in which starts are committed. */
export async function lastNumber(on: Knex): Promise<number> {
  const row: { last: number } | undefined = await on('run_numbers').first('last');
  return row?.last ?? 0;
}

/** Runs of a filter that were started after one number and up to another, oldest first. */
export async function runsStarted(
  on: Knex,
  filter: Filter,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<Run[]> {
  const rows: JoinedRow[] = await filtered(joinedRuns(on), filter)
    .where('runs.number', '>', after)
    .where('runs.number', '<=', upTo)
    .orderBy('runs.number')
    .limit(limit);
  return rows.map(toRun);
}

export async function runsOf(on: Knex, ids: readonly string[], filter: Filter): Promise<Run[]> {
  if (ids.length === 0) return [];
  const rows: JoinedRow[] = await filtered(joinedRuns(on), filter).whereIn('runs.id', ids);
  return rows.map(toRun);
}

const startOfDay = (ms: number): number => Math.floor(ms / dayMs) * dayMs;

function filtered<Q extends Knex.QueryBuilder>(
  query: Q,
  { states, module, startedBy, hostId, environment, text, from, to }: Filter,
): Q {
  if (states !== undefined) query.whereIn('runs.state', states);
  if (module !== undefined) query.where('runs.module_id', module);
  if (startedBy !== undefined) query.where('runs.started_by', startedBy);
  if (environment !== undefined) query.whereRaw('instr(runs.environments, ?) > 0', [`,${environment},`]);
  if (text !== undefined) query.whereRaw('instr(runs.search, ?) > 0', [text.toLowerCase()]);
  if (hostId !== undefined)
    query.whereIn('runs.id', (sub) => sub.from('run_hosts').where({ host_id: hostId }).select('run_id'));
  if (from !== undefined) query.where('runs.created_at', '>=', Date.parse(from));
  if (to !== undefined) query.where('runs.created_at', '<', Date.parse(to));
  return query;
}
