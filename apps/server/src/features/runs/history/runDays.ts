import type { ParamsOf, ResultOf, RunState } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso } from '../../../db/page.ts';
import { type Filter, filtered } from './runFilter.ts';
import { othersFirst, runsASlice } from './slices.ts';

const dayMs = 24 * 3_600_000;

/** How many runs each of the last days saw, by state. */
export async function runsByDay(
  on: Knex,
  { days, until, offsetMinutes, ...filter }: ParamsOf<'runs.byDay'>,
  now: number,
  slice = runsASlice,
): Promise<ResultOf<'runs.byDay'>> {
  const offset = offsetMinutes * 60_000;
  const last = startOfDay((until === undefined ? now : Date.parse(until)) + offset);
  const first = last - (days - 1) * dayMs;
  const counts = new Map<number, Partial<Record<RunState, number>>>();
  for (let from = first - offset; from < last + dayMs - offset; ) {
    const to = await endOfSlice(on, { from, end: last + dayMs - offset, slice });
    for (const { day, state, n } of await countSlice(on, filter, { from, to, offset })) {
      const known = counts.get(day) ?? {};
      counts.set(day, { ...known, [state]: (known[state] ?? 0) + n });
    }
    from = to;
    await othersFirst();
  }
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

/** Until when there are as many runs as are counted at once; the index alone tells. */
async function endOfSlice(
  on: Knex,
  { from, end, slice }: { from: number; end: number; slice: number },
): Promise<number> {
  const row: { created_at: number } | undefined = await on('runs')
    .where('created_at', '>=', from)
    .where('created_at', '<', end)
    .orderBy('created_at')
    .offset(slice)
    .first('created_at');
  // Of one moment all are counted at once.
  return row === undefined ? end : Math.max(Number(row.created_at), from + 1);
}

async function countSlice(
  on: Knex,
  filter: Filter,
  { from, to, offset }: { from: number; to: number; offset: number },
): Promise<{ day: number; state: RunState; n: number }[]> {
  const rows: { day: number | string; state: RunState; n: number | string }[] = await filtered(on('runs'), filter)
    .where('runs.created_at', '>=', from)
    .where('runs.created_at', '<', to)
    // Without a division: the databases do not agree on what it gives.
    .select(on.raw('runs.created_at + ? - (runs.created_at + ?) % ? as day', [offset, offset, dayMs]))
    .select({ state: 'runs.state' })
    .count({ n: '*' })
    .groupBy('day', 'runs.state');
  return rows.map(({ day, state, n }) => ({ day: Number(day), state, n: Number(n) }));
}

const startOfDay = (ms: number): number => Math.floor(ms / dayMs) * dayMs;
