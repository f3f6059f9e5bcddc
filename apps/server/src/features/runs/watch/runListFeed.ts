import type { ParamsOf, ResultOf, Run } from '@omanager/contract';
import { type Bus, createWaiter } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import { activeRuns, lastNumber, runsOf, runsStarted } from '../history/runLists.ts';

/** Sweeping while nobody wakes us: a lost bus message costs this much. */
const sweepMs = 1000;
/** What all who follow share is read this often at most. */
const freshMs = 250;
const mostActive = 200;
const mostAtOnce = 200;

/** Follows the list of runs: runs under way are read once for all who look. */
export function createRunListFeed({ db, bus }: { db: Database; bus: Bus }) {
  let active: { at: number; runs: Promise<readonly Run[]> } | undefined;

  function activeNow(): Promise<readonly Run[]> {
    if (!active || performance.now() - active.at >= freshMs) {
      active = { at: performance.now(), runs: activeRuns(db.knex, mostActive) };
      active.runs.catch(() => {
        active = undefined;
      });
    }
    return active.runs;
  }

  return async function* watchList(
    { after, ...filter }: ParamsOf<'runs.watchList'>,
    signal: AbortSignal,
  ): AsyncIterable<ResultOf<'runs.watchList'>> {
    using news = createWaiter(bus, 'lists', signal, sweepMs);
    let seen = after ?? (await lastNumber(db.knex));
    /** Revisions as told, of runs that were under way. */
    let told = new Map<string, number>();
    while (!signal.aborted) {
      const upTo = await lastNumber(db.knex);
      const begun = upTo > seen ? await runsStarted(db.knex, filter, { after: seen, upTo, limit: mostAtOnce }) : [];
      const more = begun.length === mostAtOnce;
      seen = more ? (begun.at(-1)?.number ?? upTo) : upTo;

      const underWay = new Map((await activeNow()).map((run) => [run.id, run.revision]));
      const ended = [...told.keys()].filter((id) => !underWay.has(id));
      const changed = [...underWay].filter(([id, revision]) => told.get(id) !== revision).map(([id]) => id);
      const asked = [...new Set([...changed, ...ended])];
      const now = await runsOf(db.knex, asked, filter);
      told = underWay;

      const runs = new Map([...begun, ...now].map((run) => [run.id, run]));
      const left = asked.filter((id) => !runs.has(id));
      if (runs.size > 0 || left.length > 0) yield { runs: [...runs.values()], left };
      if (more) continue;
      await pause(freshMs, signal);
      await news.wait();
    }
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
