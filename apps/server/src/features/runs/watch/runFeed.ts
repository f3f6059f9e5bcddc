import type { Run, RunEvent } from '@omanager/contract';
import type { Bus } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import type { RunStore } from '../store.ts';
import { type ChangedHosts, type ChangePlace, changedHosts } from './changedHosts.ts';
import { createPace } from './pace.ts';

/** Sweeping while nobody wakes us: a lost bus message costs this much. */
const sweepMs = 1000;
const hostsPerEvent = 500;
/** Events kept for followers that are a little behind; whoever is further behind has its own read. */
const keptEvents = 4;

export interface RunFeed extends Disposable {
  /** The run, once it is newer than the revision `seen`; undefined when the signal was aborted. */
  newerThan(seen: number, signal: AbortSignal): Promise<Run | undefined>;
  /** The run with every host changed after a revision and up to the run's own, in one or several events. */
  changes(after: number, run: Run): AsyncIterable<RunEvent>;
}

interface Shared {
  feed: Omit<RunFeed, typeof Symbol.dispose>;
  followers: number;
  stop(): void;
}

/**
 * What everybody shares who follows the same run in this process. All are told of the same moments, so that the run and
 * its changed hosts are read once for all of them, and events are the same objects, written once.
 */
export function createRunFeeds({ db, bus, runs }: { db: Database; bus: Bus; runs: Pick<RunStore, 'get'> }) {
  const all = new Map<string, Shared>();

  return {
    join(runId: string): RunFeed {
      const shared = all.get(runId) ?? open(runId);
      all.set(runId, shared);
      shared.followers++;
      return {
        ...shared.feed,
        [Symbol.dispose]() {
          shared.followers--;
          if (shared.followers > 0) return;
          all.delete(runId);
          shared.stop();
        },
      };
    },
  };

  function open(runId: string): Shared {
    const pace = createPace();
    const waiting = new Set<() => void>();
    const events = new Map<string, Promise<{ event: RunEvent; next: ChangePlace | null }>>();
    let moment: Promise<Run> | undefined;
    let readAt = Number.NEGATIVE_INFINITY;
    /** Something was said to have changed since the last moment was read. */
    let news = true;

    const stop = bus.subscribe(`run:${runId}`, () => {
      news = true;
      for (const wake of waiting) wake();
    });

    function read(): Promise<Run> {
      news = false;
      readAt = performance.now();
      pace.begun();
      const next = runs.get(db.knex, runId);
      moment = next;
      // Whoever asks next reads again.
      next.catch(() => {
        news = true;
      });
      return next;
    }

    async function newerThan(seen: number, signal: AbortSignal): Promise<Run | undefined> {
      while (!signal.aborted) {
        const waitMs = news ? pace.waitMs() : readAt + sweepMs - performance.now();
        const run = await (waitMs <= 0 || !moment ? read() : moment);
        if (run.revision > seen) return run;
        await sleep(news ? pace.waitMs() : sweepMs, signal, !news);
      }
      return undefined;
    }

    /** @param wakeable also ends with the next news */
    function sleep(ms: number, signal: AbortSignal, wakeable: boolean): Promise<void> {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.max(0, ms));
        signal.addEventListener('abort', wake);
        if (wakeable) waiting.add(wake);
      });
    }

    async function* changes(after: number, run: Run): AsyncIterable<RunEvent> {
      // Behind the last host of that revision.
      let place: ChangePlace | null = { revision: after, ordinal: Number.MAX_SAFE_INTEGER };
      while (place) {
        const { event, next }: { event: RunEvent; next: ChangePlace | null } = await eventAt(after, place, run);
        yield event;
        place = next;
      }
    }

    function eventAt(after: number, place: ChangePlace, run: Run) {
      const key = [after, place.revision, place.ordinal, run.revision].join();
      const kept = events.get(key);
      if (kept) return kept;
      const upTo = run.revision;
      const made = changedHosts(db.knex, runId, { after: place, upTo, limit: hostsPerEvent }).then((page) => ({
        event: { run, hosts: page.hosts, revision: sentUpTo(after, run, page) },
        next: page.next,
      }));
      events.set(key, made);
      const [oldest] = events.keys();
      if (events.size > keptEvents && oldest !== undefined) events.delete(oldest);
      made.catch(() => events.delete(key));
      return made;
    }

    return { feed: { newerThan, changes }, followers: 0, stop };
  }
}

/** Hosts of the revision at which a page ends may be on the next one. */
function sentUpTo(after: number, run: Run, { next }: ChangedHosts): number {
  return next ? Math.max(after, next.revision - 1) : run.revision;
}
