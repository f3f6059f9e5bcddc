import { OmError, type ParamsOf, type SearchEvent, type SearchHit } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import { outputRemoved } from '../retention/retentionNotice.ts';
import { searchPages } from './searchPages.ts';
import type { Scanned } from './searchScan.ts';
import type { SearchPage } from './searchThread.ts';
import { createTurns } from './searchTurns.ts';
import { startSearchThread } from './searchWorker.ts';

interface Options {
  db: Pick<Database, 'knex'>;
  /** How long one search may work. */
  deadlineMs?: number;
}

export interface Searches {
  /** A caller has one search at a time: a further one ends the one before. */
  search(asked: ParamsOf<'runs.search'>, caller: object, signal: AbortSignal): AsyncIterable<SearchEvent>;
}

/** Threads of this process; more searches wait. */
const atOnce = 2;
const maxWaiting = 50;
const hitsPerEvent = 500;

/** Searches stored output, each in a thread of its own: this process only reads chunks and hands them over. */
export function createSearches({ db, deadlineMs = 30_000 }: Options): Searches {
  const turns = createTurns(atOnce, maxWaiting);
  const latest = new WeakMap<object, AbortController>();

  return {
    async *search(asked, caller, signal) {
      latest.get(caller)?.abort();
      const replaced = new AbortController();
      latest.set(caller, replaced);
      const progress = createProgress();
      const stopped = AbortSignal.any([signal, replaced.signal]);
      try {
        using _turn = await turns.wait(stopped);
        const end = searchUntil(AbortSignal.timeout(deadlineMs), stopped);
        end.catch(() => {});
        for (;;) {
          const ended = await Promise.race([end, progress.news()]);
          const hits = progress.hits.splice(0, hitsPerEvent);
          const left = progress.hits.length > 0;
          if (left) progress.wake();
          const state = ended && !left ? ended : 'searching';
          yield { hits, ...progress.counters(), state };
          if (state !== 'searching') return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!replaced.signal.aborted) throw error;
        yield { hits: [], ...progress.counters(), state: 'replaced' };
      }

      async function searchUntil(deadline: AbortSignal, stopped: AbortSignal): Promise<'complete' | 'deadline'> {
        try {
          await searchAll(asked, progress, AbortSignal.any([stopped, deadline]));
          return 'complete';
        } catch (error) {
          if (deadline.aborted) return 'deadline';
          throw error;
        }
      }
    },
  };

  async function searchAll(asked: ParamsOf<'runs.search'>, progress: Progress, signal: AbortSignal): Promise<void> {
    const run: { output_removed_at: number | null } | undefined = await db
      .knex('runs')
      .where({ id: asked.runId })
      .first('output_removed_at');
    if (!run) throw new OmError('NOT_FOUND', 'There is no such run.');
    using thread = startSearchThread(asked, signal);
    const give = async (page: SearchPage | null) => progress.add(await thread.ask(page));
    // The next page is read while the thread is at work on the one before.
    let before = Promise.resolve();
    for await (const next of searchPages(db.knex, asked)) {
      if (next.kind === 'servers') progress.begin(next.hosts);
      else {
        await before;
        before = give(next.page);
        before.catch(() => {});
      }
      signal.throwIfAborted();
    }
    await before;
    await give(null);
    // No hits would say that nobody wrote it.
    if (run.output_removed_at !== null && progress.counters().searched.bytes === 0)
      throw outputRemoved(run.output_removed_at);
  }
}

type Progress = ReturnType<typeof createProgress>;

/** What a search has brought so far, and whether that is news. */
function createProgress() {
  const hits: SearchHit[] = [];
  let last: Omit<Scanned, 'hits'> = { found: { hits: 0, hosts: 0 }, searched: { lines: 0, bytes: 0 } };
  const names = new Map<number, string>();
  let news = Promise.withResolvers<void>();
  const wake = () => news.resolve();
  return {
    hits,
    wake,
    begin(hosts: readonly { ordinal: number; name: string }[]) {
      for (const { ordinal, name } of hosts) names.set(ordinal, name);
    },
    add({ hits: found, ...counters }: Scanned) {
      for (const hit of found) hits.push({ ...hit, name: names.get(hit.ordinal) ?? '' });
      last = counters;
      wake();
    },
    counters: () => ({ found: last.found, searched: { hosts: names.size, ...last.searched } }),
    async news() {
      await news.promise;
      news = Promise.withResolvers();
    },
  };
}
