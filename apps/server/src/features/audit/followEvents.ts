import type { ActionEvent } from '@omanager/contract';
import { parted } from '../../db/fitting.ts';
import { type EventFilter, idFrom, timeOf } from './eventFilter.ts';
import type { AuditStore } from './store.ts';

/**
 * An event gets its id before its act is committed, so that one with a smaller id may appear after one with a greater.
 * So long is looked back for such.
 */
const horizonMs = 10_000;
const idsAtOnce = 5000;
const eventsAtOnce = 200;

interface Options {
  store: Pick<AuditStore, 'idsAfter' | 'byIds' | 'newestId'>;
  filter: EventFilter;
  /** Events from a little before it may come again; without it, only what is committed from now on comes. */
  after: string | undefined;
  wait(): Promise<void>;
  signal: AbortSignal;
}

/** Every event of a filter as it is committed, each once. */
export async function* followEvents({ store, filter, after, wait, signal }: Options): AsyncIterable<ActionEvent[]> {
  let newest = after ?? (await store.newestId());
  const sent = new Set(after === undefined ? await store.idsAfter(behind(newest), filter, idsAtOnce) : []);
  while (!signal.aborted) {
    const upTo = await store.newestId();
    for (let from = behind(newest), more = true; more && !signal.aborted; ) {
      const ids = await store.idsAfter(from, filter, idsAtOnce);
      const fresh = ids.filter((id) => !sent.has(id));
      for (let i = 0; i < fresh.length; i += eventsAtOnce) {
        const batch = fresh.slice(i, i + eventsAtOnce);
        for (const id of batch) sent.add(id);
        yield* parted(await store.byIds(batch));
      }
      more = ids.length === idsAtOnce;
      from = ids.at(-1) ?? from;
      // What is below can not be read again.
      const oldest = behind(upTo > newest ? upTo : newest);
      for (const id of sent) if (id < oldest && id <= from) sent.delete(id);
    }
    if (upTo > newest) newest = upTo;
    await wait();
  }
}

const behind = (id: string): string => idFrom(timeOf(id) - horizonMs);
