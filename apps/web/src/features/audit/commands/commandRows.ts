import type { CommandEvent } from '@omanager/contract';

/** Newest first, as the server lists. */
const newestFirst = (a: CommandEvent, b: CommandEvent): number => {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
};

/**
 * What is listed with what came live and what says where data is missing, each once. Older ones than the end of the
 * list come with its next page: put there now they would look as if nothing lay between.
 */
export function joined(
  listed: readonly CommandEvent[],
  others: readonly CommandEvent[],
  { hasMore, from }: { hasMore: boolean; from?: string | undefined },
): readonly CommandEvent[] {
  const end = hasMore ? listed.at(-1)?.at : undefined;
  const known = new Set(listed.map(({ id }) => id));
  const fits = ({ at }: CommandEvent) => (end === undefined || at >= end) && (from === undefined || at >= from);
  const added = others.filter((event) => fits(event) && !known.has(event.id) && known.add(event.id));
  return added.length === 0 ? listed : [...added, ...listed].sort(newestFirst);
}

/** The event that was stored last: not the first of a list by the time of hosts. */
export const lastStored = (events: readonly CommandEvent[]): string | undefined =>
  events.reduce<string | undefined>((last, { id }) => (last === undefined || id > last ? id : last), undefined);

/** From when to when nothing came, of the events that the server writes about it; `until` is null while it lasts. */
export function silenceOf({ kind, at, text }: CommandEvent): { since: string; until: string | null } | null {
  if (kind === 'silence') {
    const since = Date.parse(/^nothing since (\S+)$/.exec(text)?.[1] ?? '');
    return Number.isNaN(since) ? null : { since: new Date(since).toISOString(), until: null };
  }
  const seconds = kind === 'resumed' ? /^after (\d+) s$/.exec(text)?.[1] : undefined;
  if (seconds === undefined) return null;
  return { since: new Date(Date.parse(at) - Number(seconds) * 1000).toISOString(), until: at };
}
