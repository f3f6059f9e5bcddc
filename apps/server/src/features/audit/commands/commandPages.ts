import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommandEvent } from '@omanager/contract';
import { OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { z } from 'zod';
import type { Database } from '../../../db/database.ts';
import { bytesOf, fitting, fittingBytes } from '../../../db/fitting.ts';
import { decodeCursor, encodeCursor } from '../../../db/page.ts';
import { type SealedRow, toCommandEvent } from './commandEvent.ts';
import {
  type CommandFilter,
  fromIndex,
  indexOf,
  type Period,
  restOf,
  withinPeriod,
  withRest,
} from './commandFilter.ts';

export interface Place {
  at: number;
  id: string;
}

export interface CommandPage {
  items: CommandEvent[];
  next?: Place;
  /** Complete back to here; null: to the beginning of the period. */
  searchedTo: number | null;
}

/** So long events are looked through: a rare text ends in a short page that says how far it looked. */
const budgetMs = 150;
/**
 * At a time: never many, since nobody knows where they lie on the disk, and what was slow all of a sudden shall not make
 * the page much later; then as many as the time that is left allows.
 */
const mostStep = 500;
const leastStep = 100;
/** A command has up to 128 Ki characters: no more of them are in memory beyond what a page takes. */
const rowsAtOnce = 100;

/** One page of commands, newest first, by keyset. The work for it is bounded, whatever the filter. */
export async function readCommands(
  db: Pick<Database, 'knex' | 'kind'>,
  {
    filter,
    period,
    before,
    limit,
  }: { filter: CommandFilter; period: Period; before?: Place | undefined; limit: number },
): Promise<CommandPage> {
  const { knex, kind } = db;
  const index = indexOf(filter);
  const rest = restOf(filter);
  const selective = Object.values(rest).some((value) => value !== undefined);

  const inIndex = (place: Place | undefined): Knex.QueryBuilder => {
    const query = fromIndex(knex, kind, index.name);
    if (index.column) query.where({ [index.column]: index.value ?? null });
    withinPeriod(query, period);
    if (place)
      query.where('at', '<=', place.at).where((older) => older.where('at', '<', place.at).orWhere('id', '<', place.id));
    return query.orderBy([
      { column: 'at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ]);
  };
  if (!selective) {
    const page = createPage();
    let next = before;
    for (let more = true; more && page.items.length < limit; more = next !== undefined) {
      const most = Math.min(rowsAtOnce, limit - page.items.length);
      const rows: SealedRow[] = await inIndex(next).limit(most);
      const full = page.take(rows);
      next = full ?? (rows.length === most ? lastOf(rows) : undefined);
      if (full) break;
    }
    // Programs that the kernel saw may be most of it: among these commands are searched for.
    if (!page.items.some(({ kind }) => kind === 'executed'))
      return { items: page.items, ...(next ? { next } : {}), searchedTo: next?.at ?? null };
  }

  const began = performance.now();
  const until = began + budgetMs;
  const { items, take } = createPage();
  let step = mostStep;
  for (let from = before, last = began; ; ) {
    const edge: Place | undefined = await inIndex(from)
      .select('at', 'id')
      .offset(step - 1)
      .first();
    for (let inside = from, more = true; more; ) {
      const stretch = inIndex(inside);
      if (edge)
        stretch
          .where('at', '>=', Number(edge.at))
          .where((newer) => newer.where('at', '>', Number(edge.at)).orWhere('id', '>=', edge.id));
      const most = Math.min(rowsAtOnce, limit - items.length);
      const rows: SealedRow[] = await withRest(stretch, rest).limit(most);
      const end = take(rows) ?? (items.length === limit ? lastOf(rows) : undefined);
      if (end) return { items, next: end, searchedTo: end.at };
      more = rows.length === most;
      inside = lastOf(rows);
    }
    if (!edge) return { items, searchedTo: null };
    from = { at: Number(edge.at), id: edge.id };
    const now = performance.now();
    if (now >= until) return { items, next: from, searchedTo: from.at };
    step = nextStep(step, now - last, until - now);
    last = now;
    await nextTurn();
  }
}

function lastOf(rows: readonly SealedRow[]): Place | undefined {
  const row = rows.at(-1);
  return row && { at: Number(row.at), id: row.id };
}

/** What one message takes. */
function createPage() {
  const items: CommandEvent[] = [];
  let left = fittingBytes;
  return {
    items,
    /** Where it is full, before the rest of these; undefined: all went in. */
    take(rows: readonly SealedRow[]): Place | undefined {
      for (const row of rows) {
        const event = toCommandEvent(row);
        left -= bytesOf(event);
        const last = items.at(-1);
        if (left < 0 && last) return { at: Date.parse(last.at), id: last.id };
        items.push(event);
      }
      return undefined;
    },
  };
}

/** What takes no longer than is left, as far as the last one tells. */
function nextStep(step: number, tookMs: number, leftMs: number): number {
  const fits = (step * leftMs) / Math.max(tookMs, 0.1);
  return Math.round(Math.min(mostStep, Math.max(leastStep, fits)));
}

/** Of what one message takes, for each side. */
const sideBytes = 2 * 1024 * 1024;

/** Of the same host, before or after a place, the nearest first: fewer than `limit`, and whether there are more. */
export async function readNeighbours(
  { knex, kind }: Pick<Database, 'knex' | 'kind'>,
  {
    hostId,
    place,
    side,
    untilMs,
    limit,
  }: { hostId: string | null; place: Place; side: 'before' | 'after'; untilMs: number; limit: number },
): Promise<{ items: CommandEvent[]; more: boolean }> {
  const sign = side === 'before' ? '<' : '>';
  const order = side === 'before' ? 'desc' : 'asc';
  const query = fromIndex(knex, kind, 'command_events_host')
    .where({ host_id: hostId })
    .where('at', `${sign}=`, place.at)
    .where('at', side === 'before' ? '>=' : '<=', untilMs)
    .where((beyond) => beyond.where('at', sign, place.at).orWhere('id', sign, place.id))
    .whereNot('kind', 'executed');
  query.orderBy([
    { column: 'at', order },
    { column: 'id', order },
  ]);
  const found: CommandEvent[] = [];
  while (found.length < limit) {
    const most = Math.min(rowsAtOnce, limit - found.length);
    const rows: SealedRow[] = await query.clone().offset(found.length).limit(most);
    found.push(...rows.map(toCommandEvent));
    const some = fitting(found, sideBytes);
    if (some.length < found.length) return { items: some, more: true };
    if (rows.length < most) break;
  }
  return { items: found.slice(0, limit - 1), more: found.length === limit };
}

const cursorSchema = z.tuple([
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  z.string().regex(/^[0-9a-f-]{36}$/),
]);

export function writePlace({ at, id }: Place): string {
  return encodeCursor(`${at} ${id}`);
}

export function readPlace(cursor: string): Place {
  const read = cursorSchema.safeParse(decodeCursor(cursor).split(' '));
  if (!read.success) throw new OmError('INVALID_PARAMS', 'This is no cursor of this list.');
  return { at: read.data[0], id: read.data[1] };
}
