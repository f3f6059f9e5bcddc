import type { TimelineItem } from '@omanager/contract';
import { fitting } from '../../../db/fitting.ts';
import type { Place } from '../commands/commandPages.ts';

/** Something that happened, and where it stands among everything. */
export interface Placed extends Place {
  readonly item: TimelineItem;
}

/** What one source has, newest first: all of it down to `end`; null: to the beginning. */
export interface Part {
  readonly items: readonly Placed[];
  readonly end: Place | null;
}

/** A part that was asked for so many: when it has as many, there may be more. */
export function partOf(items: readonly Placed[], limit: number): Part {
  return { items, end: items.length < limit ? null : (items.at(-1) ?? null) };
}

export interface MergedPage {
  items: TimelineItem[];
  next: Place | null;
  /** Complete back to here; null: to the beginning. */
  searchedTo: number | null;
}

/** One page out of all parts. What is older than the end of a part waits: something of that part may be newer. */
export function mergeParts(parts: readonly Part[], limit: number): MergedPage {
  const ends = parts.flatMap(({ end }) => (end === null ? [] : [end]));
  const floor = ends.sort(newestFirst)[0] ?? null;
  const known = new Set<string>();
  const found = parts
    .flatMap(({ items }) => items)
    .filter((one) => floor === null || newestFirst(one, floor) <= 0)
    // The same act may be found by who did it and by whom it was done to.
    .filter(({ id }) => !known.has(id) && known.add(id))
    .sort(newestFirst);
  const page = fitting(found.slice(0, limit));
  const last = page.at(-1);
  const next = last && page.length < found.length ? { at: last.at, id: last.id } : floor;
  return { items: page.map(({ item }) => item), next, searchedTo: next?.at ?? null };
}

function newestFirst(a: Place, b: Place): number {
  if (a.at !== b.at) return b.at - a.at;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
