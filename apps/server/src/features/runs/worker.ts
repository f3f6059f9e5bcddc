import { v7 as uuid } from 'uuid';
import type { Queue } from '../../queue/queue.ts';
import type { Claims } from './claims.ts';
import { createDriver, type Driver, type DriverOptions } from './driver.ts';
import type { EngineFor } from './engine.ts';
import type { OutputLimits } from './hostOutput.ts';

interface Options {
  claims: Claims;
  queue: Queue;
  engineFor: EngineFor;
  limits: OutputLimits;
  /** Hosts that this process works on at the same time, over all runs. */
  concurrency: number;
  /** This process alone owns the store, so at its start every lease is a dead process's. */
  embedded: boolean;
  leaseMs: number;
  onChange(runId: string): void;
  log: DriverOptions['log'];
}

export interface Worker {
  start(): void;
  /** Claims nothing more and waits for the hosts under way, until `signal`. */
  stop(signal: AbortSignal): Promise<void>;
  stats(): { owner: string; runs: number; hosts: number };
}

const sweepMs = 2000;

/** Works on runs: woken by the queue, and sweeping anyway, because a wake-up may come twice or never. */
export function createWorker({
  claims,
  queue,
  engineFor,
  limits,
  concurrency,
  embedded,
  leaseMs,
  onChange,
  log,
}: Options): Worker {
  const owner = uuid();
  const drivers = new Map<string, Driver>();
  const starved = new Set<string>();
  let free = concurrency;
  let stopping = false;
  let timers: NodeJS.Timeout[] = [];
  let unsubscribe = () => {};

  function wake(runId: string): void {
    const known = drivers.get(runId);
    if (known) return known.wake();
    if (stopping) return;
    if (free === 0) {
      starved.add(runId);
      return;
    }
    const driver = createDriver({
      runId,
      owner,
      claims,
      engineFor,
      limits,
      takeSlots(n) {
        const taken = Math.min(n, free);
        free -= taken;
        if (taken === 0) starved.add(runId);
        return taken;
      },
      giveSlots(n) {
        free += n;
        if (starved.size > 0 && n > 0) setImmediate(feedStarved);
      },
      onChange: () => onChange(runId),
      onIdle: () => drivers.delete(runId),
      log,
    });
    drivers.set(runId, driver);
    driver.wake();
  }

  /** Runs that found no free slot go first now, the longest waiting ahead. */
  function feedStarved(): void {
    const waiting = [...starved];
    starved.clear();
    for (const runId of waiting) wake(runId);
  }

  const guarded = (what: string, work: () => Promise<void>) => () => {
    work().catch((error) => log.error({ err: String(error).slice(0, 500) }, `${what} failed; trying again`));
  };
  const sweep = guarded('sweeping', async () => {
    for (const runId of await claims.expired()) {
      await claims.takeBack(runId);
      onChange(runId);
    }
    for (const runId of await claims.unfinished()) wake(runId);
  });
  const renew = guarded('renewing leases', async () => {
    await Promise.all([...drivers].map(([runId, driver]) => claims.renew(runId, owner, driver.holding())));
  });

  return {
    start() {
      unsubscribe = queue.onWork(wake);
      const begin = guarded('taking over', async () => {
        if (embedded) await claims.endAllLeases();
        timers = [setInterval(sweep, sweepMs), setInterval(renew, leaseMs / 3)];
        sweep();
      });
      begin();
    },
    async stop(signal) {
      stopping = true;
      unsubscribe();
      const drained = Promise.all([...drivers.values()].map((driver) => driver.drain()));
      const late = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([drained, late]);
      for (const timer of timers) clearInterval(timer);
    },
    stats: () => ({ owner, runs: drivers.size, hosts: concurrency - free }),
  };
}
