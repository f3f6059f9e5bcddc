import type { Bus } from '../../bus/bus.ts';
import type { Consumption, Queue } from '../../queue/queue.ts';

/** Somebody who waits for work of a zone, or for news of runs. */
export interface Waiter extends Disposable {
  /** Until something came since the last time, or so long, or the signal. */
  wait(ms: number): Promise<void>;
}

export interface Lanes {
  /** From now on nothing is missed. `wants`: it would take work of the zone. */
  open(asked: { zoneId: string; runIds: readonly string[]; wants: boolean; signal: AbortSignal }): Waiter;
  /** Calls others to a run that has more work than one takes; not too often. */
  call(runId: string, zoneId: string): void;
  /** Wakes everybody who waits. */
  wakeAll(): void;
  close(): Promise<void>;
}

interface Open {
  zoneId: string;
  wants: boolean;
  wake(): void;
  readonly woken: boolean;
}

const callMs = 250;
const mostCalled = 1000;

/** Hands the wake-ups of each zone's lane, and of the runs, to the workers that are waiting with this process. */
export function createLanes({ queue, bus }: { queue: Queue; bus: Pick<Bus, 'subscribe'> }): Lanes {
  const waiters = new Set<Open>();
  const consumed = new Map<string, Consumption>();
  const called = new Map<string, number>();

  const ready = (zoneId: string) => [...waiters].filter((one) => one.zoneId === zoneId && one.wants && !one.woken);

  function consume(zoneId: string): void {
    const known = consumed.get(zoneId);
    if (known) return known.ready();
    const consumer = {
      room: () => ready(zoneId).length > 0,
      // A run may have more than one worker can take: all who wait look.
      take() {
        for (const one of ready(zoneId)) one.wake();
      },
    };
    consumed.set(zoneId, queue.consume(zoneId, consumer));
  }

  return {
    open({ zoneId, runIds, wants, signal }) {
      let woken = false;
      let resolve: (() => void) | undefined;
      const wake = () => {
        woken = true;
        resolve?.();
      };
      const own: Open = {
        zoneId,
        wants,
        wake,
        get woken() {
          return woken;
        },
      };
      waiters.add(own);
      const undo = runIds.map((runId) => bus.subscribe(`control:${runId}`, wake));
      signal.addEventListener('abort', wake);
      if (wants) consume(zoneId);
      return {
        async wait(ms) {
          if (!woken && !signal.aborted) {
            const waiting = Promise.withResolvers<void>();
            resolve = waiting.resolve;
            const timer = setTimeout(resolve, ms);
            await waiting.promise;
            clearTimeout(timer);
            resolve = undefined;
          }
          woken = false;
          if (wants) consumed.get(zoneId)?.ready();
        },
        [Symbol.dispose]() {
          waiters.delete(own);
          for (const one of undo) one();
          signal.removeEventListener('abort', wake);
        },
      };
    },
    call(runId, zoneId) {
      const now = performance.now();
      if (now - (called.get(runId) ?? Number.NEGATIVE_INFINITY) < callMs) return;
      if (called.size >= mostCalled) called.clear();
      called.set(runId, now);
      queue.wake(runId, zoneId);
    },
    wakeAll() {
      for (const one of waiters) one.wake();
    },
    async close() {
      await Promise.all([...consumed.values()].map((one) => one.stop()));
      consumed.clear();
    },
  };
}
