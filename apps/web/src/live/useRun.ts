import { finalRunStates, type OmError, type Run } from '@omanager/contract';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { asOmError } from '../data/calls.ts';
import { useSession } from '../data/session.tsx';
import { createRunStore, type RunStore } from './runStore.ts';
import { useVisible } from './visible.ts';

export interface LiveRun {
  readonly store: RunStore;
  readonly run: Run | null;
  readonly error: OmError | null;
}

/** Follows a run while this is shown and seen. It tells of changes at most once a frame, and takes up where it left off. */
export function useRun(runId: string): LiveRun {
  const { client } = useSession();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each run has a store of its own
  const store = useMemo(() => createRunStore((then) => requestAnimationFrame(then)), [runId]);
  const [error, setError] = useState<OmError | null>(null);
  const visible = useVisible();
  useSyncExternalStore(store.subscribe, () => store.version);
  const over = store.run !== null && finalRunStates.has(store.run.state);

  // Also a run that is over changes: lost servers are asked, somebody retries. Begun anew then, so that the desktop,
  // which follows whatever is begun here to its end, does so again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `over` is what begins it anew
  useEffect(() => {
    if (!visible) return;
    const stop = new AbortController();
    setError(null);
    const follow = async () => {
      const events = client.stream('runs.watch', { runId, after: store.revision, stay: true }, { signal: stop.signal });
      for await (const event of events) store.apply(event);
    };
    follow().catch((cause: unknown) => {
      if (!stop.signal.aborted) setError(asOmError(cause));
    });
    return () => stop.abort();
  }, [client, runId, store, visible, over]);

  return { store, run: store.run, error };
}
