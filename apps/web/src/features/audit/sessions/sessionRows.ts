import type { Recording } from '@omanager/contract';

/** So many that came live are kept; at that many the list has to be asked for anew. */
export const mostLive = 1000;

/** Newer states over older ones, bounded. */
export function withRecordings(
  known: ReadonlyMap<string, Recording>,
  recordings: readonly Recording[],
): ReadonlyMap<string, Recording> {
  const next = new Map(known);
  for (const recording of recordings) {
    next.delete(recording.id);
    next.set(recording.id, recording);
  }
  for (const id of next.keys()) {
    if (next.size <= mostLive) break;
    next.delete(id);
  }
  return next;
}

/** What was listed, in its newest state, and what began since, newest first. What lies beyond the list is not guessed at. */
export function joinRecordings(
  listed: readonly Recording[],
  live: ReadonlyMap<string, Recording>,
  hasMore: boolean,
): Recording[] {
  const rows = new Map(listed.map((recording) => [recording.id, recording]));
  const last = listed.at(-1)?.id ?? '';
  for (const recording of live.values()) {
    const before = rows.get(recording.id);
    if (before ? isNewer(recording, before) : !hasMore || recording.id > last) rows.set(recording.id, recording);
  }
  return [...rows.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** A list that was asked for later knows of an end that the stream has not told yet; nothing begins again. */
const isNewer = (one: Recording, than: Recording): boolean =>
  than.endedAt === null && (one.endedAt !== null || one.bytes >= than.bytes);
