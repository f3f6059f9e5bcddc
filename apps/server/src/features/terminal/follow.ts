import type { ParamsOf, ResultOf } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso } from '../../db/page.ts';
import { type RecordingRow, recordingsNow, toRecording } from './store.ts';

/** What ended has its time before it is committed, and clocks of processes differ: so far back it is looked for. */
const horizonMs = 10_000;

interface Options {
  knex: Knex;
  filter: Omit<ParamsOf<'recordings.follow'>, 'after'>;
  /** What ended since then comes as well. */
  afterMs: number | undefined;
  now(): number;
  wait(): Promise<void>;
  signal: AbortSignal;
}

/** Recorded terminals of a filter: those that are open, then each that begins, grows or ends. */
export async function* followRecordings({
  knex,
  filter,
  afterMs,
  now,
  wait,
  signal,
}: Options): AsyncGenerator<ResultOf<'recordings.follow'>, void, undefined> {
  let since = afterMs ?? now();
  /** As they were told, while they can still change or come again. */
  let told = new Map<string, string>();
  while (!signal.aborted) {
    const at = now();
    const rows = await recordingsNow(knex, filter, { endedSince: since - horizonMs, also: [...told.keys()] });
    const fresh = rows.filter((row) => told.get(row.id) !== markOf(row));
    told = new Map(
      rows
        .filter(({ ended_at }) => ended_at === null || Number(ended_at) >= at - horizonMs)
        .map((row) => [row.id, markOf(row)]),
    );
    since = at;
    if (fresh.length > 0) yield { recordings: fresh.map(toRecording), at: iso(at) };
    await wait();
  }
}

const markOf = ({ state, chunks }: RecordingRow): string => `${state} ${chunks}`;
