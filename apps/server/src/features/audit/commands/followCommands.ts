import type { CommandEvent } from '@omanager/contract';
import type { Knex } from 'knex';
import { parted } from '../../../db/fitting.ts';
import { idFrom, timeOf } from '../eventFilter.ts';
import { toCommandEvent } from './commandEvent.ts';
import { type CommandFilter, matches } from './commandFilter.ts';
import { eventsOfBatch } from './commandStore.ts';

/** A batch gets its id before it is committed: so long one with a smaller id may still appear. */
const horizonMs = 10_000;
const batchesAtOnce = 2000;
const eventsAtOnce = 500;
/** Who is further behind is shown the newest, and told how many were left out. */
const mostBehind = 2000;

interface Options {
  knex: Knex;
  filter: CommandFilter;
  /** Events from a little before it come again; without it, only what is stored from now on comes. */
  after: string | undefined;
  wait(): Promise<void>;
  signal: AbortSignal;
}

interface BatchRow {
  id: string;
  events: number;
}

const behind = (id: string): string => idFrom(timeOf(id) - horizonMs);

/** Every command of a filter as it is stored, from now on; for a slow reader, the newest of them. */
export async function* followCommands({
  knex,
  filter,
  after,
  wait,
  signal,
}: Options): AsyncIterable<{ events: CommandEvent[]; skipped: number }> {
  const batchesAfter = (id: string): Promise<BatchRow[]> =>
    Promise.resolve(
      knex('command_batches').where('id', '>', id).orderBy('id', 'desc').limit(batchesAtOnce).select('id', 'events'),
    );
  const newestId = async (): Promise<string> => {
    const row: { id: string } | undefined = await knex('command_batches').orderBy('id', 'desc').first('id');
    return row?.id ?? '';
  };
  let newest = after ?? (await newestId());
  const seen = new Set(after === undefined ? (await batchesAfter(behind(newest))).map(({ id }) => id) : []);
  while (!signal.aborted) {
    const batches = await batchesAfter(behind(newest));
    let skipped = 0;
    let kept = 0;
    const fresh: BatchRow[] = [];
    for (const batch of batches) {
      if (seen.has(batch.id)) continue;
      seen.add(batch.id);
      if (kept >= mostBehind) skipped += batch.events;
      else fresh.push(batch);
      kept += batch.events;
    }
    for (const { id } of fresh.toReversed()) {
      if (signal.aborted) return;
      const events = (await eventsOfBatch(knex, id)).map(toCommandEvent).filter((event) => matches(event, filter));
      for (let at = 0; at < events.length; at += eventsAtOnce) {
        for (const part of parted(events.slice(at, at + eventsAtOnce))) {
          yield { events: part, skipped };
          skipped = 0;
        }
      }
    }
    if (skipped > 0) yield { events: [], skipped };
    const [first] = batches;
    if (first && first.id > newest) newest = first.id;
    for (const id of seen) if (id < behind(newest)) seen.delete(id);
    await wait();
  }
}
