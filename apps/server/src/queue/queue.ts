/**
 * Says that a run has work. A wake-up carries the run's id only and may come twice or never: what to do is claimed
 * from the database, and workers sweep it every two seconds.
 */
export interface Queue {
  wake(runId: string): void;
  /** Calls `listener` for every wake-up until the returned function is called. */
  onWork(listener: (runId: string) => void): () => void;
}

/** The queue of one process. */
export function createLocalQueue(): Queue {
  const listeners = new Set<(runId: string) => void>();
  return {
    wake(runId) {
      for (const listener of listeners) listener(runId);
    },
    onWork(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
