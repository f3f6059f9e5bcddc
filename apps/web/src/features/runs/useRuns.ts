import { finalRunStates, type Run, type RunState } from '@omanager/contract';
import { useCallback, useMemo, useState } from 'react';
import { type Pages, usePages } from '../../data/pages.ts';
import { useSession } from '../../data/session.tsx';

const pageSize = 100;
/** A stream for each: as many as can be looked at. */
const mostFollowed = 20;

/** Runs by page, newest first; `followed` are those to watch, and `tell` takes what they became. */
export function useRuns(state: RunState | null): {
  pages: Pages<Run>;
  followed: readonly string[];
  tell: (run: Run) => void;
} {
  const { client } = useSession();
  const [live, setLive] = useState<ReadonlyMap<string, Run>>(new Map());
  const params = state === null ? {} : { states: [state] };
  const pages = usePages('runs.list', params, (page, signal) =>
    client.call('runs.list', { ...page, ...params, limit: pageSize }, { signal }),
  );
  const followed = useMemo(() => unfinished(pages.items), [pages.items]);
  // A run that has left the state that is asked for leaves the list.
  const items = useMemo(
    () => newest(pages.items, live).filter((run) => state === null || run.state === state),
    [pages.items, live, state],
  );
  const tell = useCallback((run: Run) => setLive((now) => remember(now, run)), []);
  return { pages: { ...pages, items }, followed, tell };
}

const unfinished = (runs: readonly Run[]): readonly string[] =>
  runs
    .filter((run) => !finalRunStates.has(run.state))
    .slice(0, mostFollowed)
    .map(({ id }) => id);

/** Each run as it was told last: by the list or by its stream. */
export function newest(runs: readonly Run[], live: ReadonlyMap<string, Run>): readonly Run[] {
  return runs.map((run) => {
    const told = live.get(run.id);
    return told && told.revision > run.revision ? told : run;
  });
}

/** Keeps what streams told last, of as many runs as are followed and a few that just ended. */
export function remember(live: ReadonlyMap<string, Run>, run: Run): ReadonlyMap<string, Run> {
  const next = new Map(live);
  next.delete(run.id);
  next.set(run.id, run);
  for (const id of next.keys()) {
    if (next.size <= 10 * mostFollowed) break;
    next.delete(id);
  }
  return next;
}
