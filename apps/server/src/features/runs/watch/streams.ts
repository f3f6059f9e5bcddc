import { finalHostStates, finalRunStates, type ParamsOf, type ResultOf } from '@omanager/contract';
import { type Bus, createWaiter } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import { readOutput } from '../output/output.ts';
import { requireOutput } from '../retention/retentionNotice.ts';
import type { RunStore } from '../store.ts';
import { createRunFeeds } from './runFeed.ts';

/** Sweeping while nobody wakes us: a lost bus message costs this much. */
const sweepMs = 1000;
const tailBytes = 256 * 1024;

export function createRunStreams({ db, bus, runs }: { db: Database; bus: Bus; runs: RunStore }) {
  const feeds = createRunFeeds({ db, bus, runs });
  return {
    /** The run now with every host changed after a revision, then again whenever that is news; ends with the run, unless one stays. */
    async *watch(
      { runId, after, hosts: wanted, stay }: ParamsOf<'runs.watch'>,
      signal: AbortSignal,
    ): AsyncIterable<ResultOf<'runs.watch'>> {
      using feed = feeds.join(runId);
      let seen = after;
      let first = true;
      for (;;) {
        const run = await feed.newerThan(first ? -1 : seen, signal);
        if (!run) return;
        first = false;
        if (wanted) yield* feed.changes(seen, run);
        else yield { run, hosts: [], revision: run.revision };
        seen = Math.max(seen, run.revision);
        if (stay) continue;
        // Begun anew meanwhile: then hosts of it have changed that were not in these events.
        if (finalRunStates.has(run.state) && (await runs.get(db.knex, runId)).revision <= seen) return;
      }
    },

    /** The output of one host after a chunk, then what follows; ends with the attempt. */
    async *tail(
      { runId, ordinal, attempt, after }: ParamsOf<'runs.tail'>,
      signal: AbortSignal,
    ): AsyncIterable<ResultOf<'runs.tail'>> {
      using news = createWaiter(bus, `run:${runId}`, signal, sweepMs);
      let seen = after;
      let toldCut = false;
      const asked = (await runs.attemptOf(db.knex, runId, ordinal, attempt)).row;
      await requireOutput(db.knex, runId, asked);
      const following = asked.attempt;
      while (!signal.aborted) {
        // The state is read before the output: what a finished attempt wrote is all there.
        const { row, current } = await runs.attemptOf(db.knex, runId, ordinal, following);
        const over = !current || finalHostStates.has(row.state);
        const { chunks, more, limited } = await readOutput(db.knex, {
          runId,
          ordinal,
          attempt: following,
          after: seen,
          maxBytes: tailBytes,
        });
        seen = chunks.at(-1)?.seq ?? seen;
        const done = over && !more;
        const cut = limited || row.discarded_bytes > 0;
        if (chunks.length > 0 || done || cut !== toldCut)
          yield { chunks, done, cut, discardedBytes: row.discarded_bytes };
        toldCut = cut;
        if (done) return;
        if (!more) await news.wait();
      }
    },
  };
}
