import { v7 as uuid } from 'uuid';
import type { Bus } from '../../../bus/bus.ts';
import type { Consumption, Queue } from '../../../queue/queue.ts';
import type { Claims } from '../claims/claims.ts';
import type { ZoneScope } from '../claims/exchange.ts';
import type { OutputLimits } from './budget.ts';
import { createDriver, type Driver, type DriverOptions } from './driver.ts';
import type { EngineFor } from './engine.ts';

interface Options {
  claims: Claims;
  queue: Queue;
  bus: Pick<Bus, 'subscribe'>;
  engineFor: EngineFor;
  limits: OutputLimits;
  /** Hosts that this process works on at the same time, over all runs. */
  concurrency: number;
  /** The zones whose hosts it takes, at this moment. */
  zones(): ZoneScope;
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
/** How often a run that gives this process more than it can take calls for others. */
const callMs = 250;

/** Works on runs: woken by the queue, and sweeping anyway, because a wake-up may come twice or never. */
export function createWorker({
  claims,
  queue,
  bus,
  engineFor,
  limits,
  concurrency,
  zones,
  leaseMs,
  onChange,
  log,
}: Options): Worker {
  const owner = uuid();
  const drivers = new Map<string, Driver>();
  const starved = new Set<string>();
  let free = concurrency;
  let parked = 0;
  let stopping = false;
  let timers: NodeJS.Timeout[] = [];
  let wakeUps: Consumption | undefined;

  function wake(runId: string): void {
    const known = drivers.get(runId);
    if (known) return known.wake();
    if (stopping) return;
    if (free === 0) {
      starved.add(runId);
      return;
    }
    let calledAt = Number.NEGATIVE_INFINITY;
    const driver = createDriver({
      runId,
      scope: () => ({ owner, zones: zones() }),
      claims,
      engineFor,
      limits,
      takeSlots(n) {
        const taken = Math.min(n, free);
        free -= taken;
        if (taken === 0) starved.add(runId);
        return taken;
      },
      giveSlots,
      park() {
        if (parked === concurrency) return false;
        parked++;
        giveSlots(1);
        return true;
      },
      unpark() {
        parked--;
      },
      onChange: () => onChange(runId),
      onFull() {
        const now = performance.now();
        if (now - calledAt < callMs) return;
        calledAt = now;
        queue.wake(runId, 'main');
      },
      onIdle() {
        unsubscribe();
        drivers.delete(runId);
      },
      log,
    });
    // A control reaches every process that works on the run, also one without room for more.
    const unsubscribe = bus.subscribe(`control:${runId}`, driver.wake);
    drivers.set(runId, driver);
    driver.wake();
  }

  function giveSlots(n: number): void {
    free += n;
    if (starved.size > 0 && n > 0) setImmediate(feedStarved);
    else if (n > 0) wakeUps?.ready();
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
    for (const runId of await claims.unfinished()) wake(runId);
  });
  const renew = guarded('renewing leases', async () => {
    await Promise.all([...drivers].map(([runId, driver]) => claims.renew(runId, owner, driver.holding())));
  });

  return {
    start() {
      wakeUps = queue.consume('main', { room: () => free > 0 && !stopping, take: wake });
      timers = [setInterval(sweep, sweepMs), setInterval(renew, leaseMs / 3)];
      sweep();
    },
    async stop(signal) {
      stopping = true;
      const unfed = wakeUps?.stop();
      const drained = Promise.all([...drivers.values()].map((driver) => driver.drain()));
      const late = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([drained, late]);
      for (const timer of timers) clearInterval(timer);
      await unfed;
    },
    stats: () => ({ owner, runs: drivers.size, hosts: concurrency - free + parked }),
  };
}
