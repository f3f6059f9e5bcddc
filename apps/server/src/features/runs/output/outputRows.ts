import type { OutputChoice } from '@omanager/contract';
import type { Knex } from 'knex';
import { type ChunkRow, type PlaceRow, placeAfter, placeColumns } from './output.ts';
import type { OutputPlace, OutputStream } from './outputCounts.ts';

/** One attempt on one host of a run. */
export interface AttemptKey {
  runId: string;
  ordinal: number;
  attempt: number;
}

export type PlacedChunk = ChunkRow & PlaceRow;

const placed = ['seq', 'stream', 'size', 'lines', ...placeColumns] as const;
const rowsPerRead = 16;
const nothing: OutputPlace = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };

function chunksOf(on: Knex, { runId, ordinal, attempt }: AttemptKey): Knex.QueryBuilder {
  return on('run_output').where({ run_id: runId, ordinal, attempt });
}

/** The streams of a choice. */
export function streamsOf(choice: OutputChoice): readonly OutputStream[] {
  return choice === 'both' ? ['stdout', 'stderr'] : [choice];
}

/** Lines or bytes of the chosen streams at a place. */
export function countAt(place: OutputPlace, choice: OutputChoice, what: 'Lines' | 'Bytes'): number {
  return streamsOf(choice).reduce((sum, stream) => sum + place[`${stream}${what}`], 0);
}

export function placeBefore(row: PlaceRow): OutputPlace {
  return {
    stdoutBytes: row.stdout_bytes,
    stderrBytes: row.stderr_bytes,
    stdoutLines: row.stdout_lines,
    stderrLines: row.stderr_lines,
  };
}

/** What is stored of an attempt: its ends, and the seqs of its first and last chunk. */
interface Stored {
  begin: OutputPlace;
  end: OutputPlace;
  first: number;
  last: number;
  /** A limit ended it, or its beginning is no longer kept. */
  cut: boolean;
}

export async function storedOf(on: Knex, key: AttemptKey): Promise<Stored> {
  const head: PlaceRow | undefined = await chunksOf(on, key)
    .orderBy('seq')
    .first(...placed);
  const row: PlaceRow | undefined = await chunksOf(on, key)
    .orderBy('seq', 'desc')
    .first(...placed);
  if (!head || !row) return { begin: nothing, end: nothing, first: 1, last: 0, cut: false };
  const cut = row.size === 0 || head.seq > 1;
  return { begin: placeBefore(head), end: placeAfter(row), first: head.seq, last: row.seq, cut };
}

/**
 * The last chunk for which `isBefore` holds, which it does up to some chunk and from there on no more: found by
 * bisection, since the rows hold the counters and nothing needs to be inflated.
 */
export async function lastChunk(
  on: Knex,
  key: AttemptKey,
  { first, last }: { first: number; last: number },
  isBefore: (place: OutputPlace) => boolean,
): Promise<number | undefined> {
  let found: number | undefined;
  let low = first;
  let high = last;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const row: PlaceRow | undefined = await chunksOf(on, key)
      .andWhere('seq', '>=', middle)
      .orderBy('seq')
      .first('seq', ...placeColumns);
    if (row && row.seq <= high && isBefore(placeBefore(row))) {
      found = row.seq;
      low = row.seq + 1;
    } else high = middle - 1;
  }
  return found;
}

/** Chunks of the chosen streams from a seq on, a few at a time. */
export async function* chunksFrom(
  on: Knex,
  key: AttemptKey,
  seq: number,
  choice: OutputChoice,
): AsyncIterable<PlacedChunk> {
  let from = seq;
  for (;;) {
    const query = chunksOf(on, key).andWhere('seq', '>=', from).andWhere('size', '>', 0);
    if (choice !== 'both') query.where({ stream: choice });
    const rows: PlacedChunk[] = await query
      .orderBy('seq')
      .limit(rowsPerRead)
      .select(...placed, 'codec', 'at', 'data');
    yield* rows;
    const last = rows.at(-1);
    if (rows.length < rowsPerRead || !last) return;
    from = last.seq + 1;
  }
}
