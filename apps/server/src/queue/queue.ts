/** 'main', or the id of a zone that only zone workers reach. */
export type Lane = string;

export interface Consumer {
  /** Whether it could work on one more run now. */
  room(): boolean;
  /** Never called from within `wake` or `ready`. */
  take(runId: string): void;
}

export interface Consumption {
  /** The consumer has room again. */
  ready(): void;
  /** Nothing is taken from the moment of the call. */
  stop(): Promise<void>;
}

/**
 * Says that a run has work. A wake-up carries the run's id only and may come twice or never: what to do is claimed
 * from the database, and workers sweep it every two seconds.
 */
export interface Queue {
  /** Says that a run has hosts to claim in a lane. Never throws, never waits. */
  wake(runId: string, lane: Lane): void;
  /**
   * Feeds the wake-ups of a lane to a consumer, one at a time and only while it has room. Of several consumers, here
   * or in other processes, one with room gets it; while none has, it stays in the queue.
   */
  consume(lane: Lane, consumer: Consumer): Consumption;
  /** The lanes this process knows of, and the runs that wait in them; none while that cannot be told. */
  stats(): Promise<{ lane: Lane; waiting: number }[]>;
  /** Since the start of the process: wake-ups accepted, wake-ups given up (a sweep makes up for them), taken. */
  counts(): { connected: boolean; sent: number; dropped: number; taken: number };
  close(): Promise<void>;
}

interface LaneState {
  /** One entry for each run, the longest waiting first. */
  waiting: Set<string>;
  /** Who was served last stands last. */
  consumers: Consumer[];
}

/** The queue of one process, in memory. Past `maxWaiting` runs, wake-ups are left to the sweep. */
export function createLocalQueue({ maxWaiting = 10_000 } = {}): Queue {
  const lanes = new Map<Lane, LaneState>();
  let waiting = 0;
  let sent = 0;
  let dropped = 0;
  let taken = 0;
  let feeding: NodeJS.Immediate | undefined;
  let closed = false;

  const stateOf = (lane: Lane): LaneState => {
    const known = lanes.get(lane);
    if (known) return known;
    const state: LaneState = { waiting: new Set(), consumers: [] };
    lanes.set(lane, state);
    return state;
  };

  function feedSoon(): void {
    if (waiting > 0 && !closed) feeding ??= setImmediate(feed);
  }

  function feed(): void {
    feeding = undefined;
    // What is woken meanwhile has its turn later, so that nobody can hold the event loop.
    for (const [lane, state] of lanes) for (const runId of [...state.waiting]) if (!give(state, lane, runId)) break;
  }

  function give(state: LaneState, lane: Lane, runId: string): boolean {
    const consumer = state.consumers.find((one) => one.room());
    if (!consumer) return false;
    state.consumers.push(...state.consumers.splice(state.consumers.indexOf(consumer), 1));
    state.waiting.delete(runId);
    waiting--;
    forget(lane, state);
    taken++;
    consumer.take(runId);
    return true;
  }

  function forget(lane: Lane, state: LaneState): void {
    if (state.waiting.size === 0 && state.consumers.length === 0 && lanes.get(lane) === state) lanes.delete(lane);
  }

  return {
    wake(runId, lane) {
      if (closed || waiting >= maxWaiting) {
        dropped++;
        return;
      }
      const state = stateOf(lane);
      sent++;
      if (state.waiting.has(runId)) return;
      state.waiting.add(runId);
      waiting++;
      if (state.consumers.length > 0) feedSoon();
    },
    consume(lane, consumer) {
      const own: Consumer = { room: () => consumer.room(), take: (runId) => consumer.take(runId) };
      stateOf(lane).consumers.push(own);
      feedSoon();
      return {
        ready: feedSoon,
        async stop() {
          const state = stateOf(lane);
          state.consumers = state.consumers.filter((one) => one !== own);
          forget(lane, state);
        },
      };
    },
    stats: async () => [...lanes].map(([lane, state]) => ({ lane, waiting: state.waiting.size })),
    counts: () => ({ connected: true, sent, dropped, taken }),
    async close() {
      closed = true;
      clearImmediate(feeding);
      lanes.clear();
      waiting = 0;
    },
  };
}
