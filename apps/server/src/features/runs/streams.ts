import { finalHostStates, finalRunStates, type ParamsOf, type ResultOf } from '@omanager/contract';
import { type Bus, createWaiter } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import { readOutput } from './output.ts';
import { requireOutput } from './retentionNotice.ts';
import type { RunStore } from './store.ts';

/** Sweeping while nobody wakes us: a lost bus message costs this much. */
const sweepMs = 1000;
const hostsPerEvent = 500;
const tailBytes = 256 * 1024;

export function createRunStreams({ db, bus, runs }: { db: Database; bus: Bus; runs: RunStore }) {
  return {
    /** The run now with every host changed after a revision, then again whenever that is news; ends with the run. */
    async *watch(
      { runId, after, hosts: wanted }: ParamsOf<'runs.watch'>,
      signal: AbortSignal,
    ): AsyncIterable<ResultOf<'runs.watch'>> {
      using news = createWaiter(bus, `run:${runId}`, signal, sweepMs);
      let seen = after;
      let first = true;
      while (!signal.aborted) {
        // The run is read first: a change between the two reads is in the hosts now and in the run next time.
        const run = await runs.get(db.knex, runId);
        const { hosts, full } = wanted
          ? await runs.changedHosts(db.knex, runId, seen, hostsPerEvent)
          : { hosts: [], full: false };
        const upTo = full
          ? (hosts.at(-1)?.revision ?? run.revision)
          : Math.max(run.revision, hosts.at(-1)?.revision ?? 0);
        if (first || upTo > seen) {
          first = false;
          seen = upTo;
          yield { run, hosts, revision: upTo };
        }
        if (full) continue;
        if (finalRunStates.has(run.state)) return;
        await news.wait();
      }
    },

    /** The output of one host after a chunk, then what follows; ends with the attempt. */
    async *tail(
      { runId, ordinal, attempt, after }: ParamsOf<'runs.tail'>,
      signal: AbortSignal,
    ): AsyncIterable<ResultOf<'runs.tail'>> {
      using news = createWaiter(bus, `run:${runId}`, signal, sweepMs);
      let seen = after;
      const asked = (await runs.attemptOf(db.knex, runId, ordinal, attempt)).row;
      await requireOutput(db.knex, runId, asked);
      const following = asked.attempt;
      while (!signal.aborted) {
        // The state is read before the output: what a finished attempt wrote is all there.
        const { row, current } = await runs.attemptOf(db.knex, runId, ordinal, following);
        const over = !current || finalHostStates.has(row.state);
        const { chunks, more } = await readOutput(db.knex, {
          runId,
          ordinal,
          attempt: following,
          after: seen,
          maxBytes: tailBytes,
        });
        seen = chunks.at(-1)?.seq ?? seen;
        const done = over && !more;
        if (chunks.length > 0 || done) yield { chunks, done };
        if (done) return;
        if (!more) await news.wait();
      }
    },
  };
}
