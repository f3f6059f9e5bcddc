import { finalRunStates, OmError, type ParamsOf, type ResultOf, type Run, runStates } from '@omanager/contract';
import type { Knex } from 'knex';
import { decodeCursor, encodeCursor, iso } from '../../../db/page.ts';
import { type JoinedRow, joinedRuns, toRun } from '../store.ts';
import { conditions, type Filter, filtered, parted } from './runFilter.ts';
import { behind, othersFirst, type Place, runsASlice } from './slices.ts';

const activeStates = runStates.filter((state) => !finalRunStates.has(state));

/** One answer looks through no more runs for those that match; who wants to know of older ones asks again. */
const mostLookedThrough = 20_000;

/** Runs by page, newest first. A page may end before it is full: then it says how far back was looked. */
export async function listRuns(
  on: Knex,
  { cursor, limit, ...filter }: ParamsOf<'runs.list'>,
  { slice = runsASlice, most = mostLookedThrough } = {},
): Promise<ResultOf<'runs.list'>> {
  const { found, asked } = parted(filter);
  const all = conditions(asked);
  const sliceSize = all.length === 0 ? limit + 1 : slice;
  const ids: Place[] = [];
  let place = cursor === undefined ? null : placeOf(cursor);
  let looked = 0;
  let isEnd = false;
  while (!isEnd && ids.length <= limit && looked < most) {
    if (looked > 0) await othersFirst();
    const next = await nextSlice(on, { found, all, place, size: sliceSize });
    ids.push(...next.matching);
    looked += next.looked;
    isEnd = next.looked < sliceSize;
    place = next.last ?? place;
  }
  const page = ids.slice(0, limit);
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
  const last = page.at(-1);
  if (ids.length > limit && last) return { items, next: cursorOf(last) };
  if (isEnd || place === null) return { items };
  return { items, next: cursorOf(place), lookedBackTo: iso(place.at) };
}

/** The next runs that an index finds, and those of them that match the rest. */
async function nextSlice(
  on: Knex,
  { found, all, place, size }: { found: Filter; all: [string, string[]][]; place: Place | null; size: number },
): Promise<{ matching: Place[]; looked: number; last: Place | null }> {
  // Not joined: a database that begins with the plans would have to sort all runs.
  const query = behind(filtered(on('runs'), found), place)
    .limit(size)
    .select('runs.id', 'runs.created_at');
  const sql = all.map(([condition]) => condition).join(' and ');
  const values = all.flatMap(([, given]) => given);
  query.select(
    all.length === 0 ? on.raw('1 as matches') : on.raw(`case when ${sql} then 1 else 0 end as matches`, values),
  );
  const rows: { id: string; created_at: number; matches: number }[] = await query;
  const places = rows.map(({ id, created_at }) => ({ id, at: Number(created_at) }));
  return {
    matching: places.filter((_, i) => Number(rows[i]?.matches) === 1),
    looked: rows.length,
    last: places.at(-1) ?? null,
  };
}

export const cursorOf = ({ at, id }: Place): string => encodeCursor(`${at} ${id}`);

export function placeOf(cursor: string): Place {
  const [at, id = ''] = decodeCursor(cursor).split(' ');
  const createdAt = Number(at);
  if (!Number.isSafeInteger(createdAt)) throw new OmError('INVALID_PARAMS', 'The cursor is none of this list.');
  return { at: createdAt, id };
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
