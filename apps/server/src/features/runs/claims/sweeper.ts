import type { Claims } from './claims.ts';

interface Options {
  claims: Pick<Claims, 'expired' | 'takeBack' | 'endAllLeases'>;
  /** This process alone owns the store, so at its start every lease is a dead process's. */
  embedded: boolean;
  leaseMs: number;
  onChange(runId: string): void;
  log: { error(details: object, message: string): void };
}

export interface Sweeper {
  /** Resolves when nothing of an earlier process is held any more, so that a worker may begin. */
  start(): Promise<void>;
  stop(): void;
}

const sweepMs = 2000;

/**
 * Takes back hosts whose worker is gone. No lease is ended before the database has answered this process for one
 * whole lease: while it was away nobody could renew, and whoever is alive does so first.
 */
export function createSweeper({ claims, embedded, leaseMs, onChange, log }: Options): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let reachableSince: number | undefined;
  let begun = !embedded;
  const ready = Promise.withResolvers<void>();
  let sweeping = false;

  async function sweep(): Promise<void> {
    if (!begun) {
      await claims.endAllLeases();
      begun = true;
    }
    ready.resolve();
    const asked = performance.now();
    const expired = await claims.expired();
    const now = performance.now();
    // A pool waits for a database that is away, rather than to say so.
    if (now - asked > leaseMs / 3) reachableSince = undefined;
    reachableSince ??= now;
    // Alone there is nobody else who could renew.
    if (!embedded && now - reachableSince < leaseMs) return;
    for (const runId of expired) {
      await claims.takeBack(runId);
      onChange(runId);
    }
  }

  async function guarded(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      await sweep();
    } catch (error) {
      reachableSince = undefined;
      log.error({ err: String(error).slice(0, 500) }, 'taking back ended leases failed; trying again');
    } finally {
      sweeping = false;
    }
  }

  return {
    start() {
      timer = setInterval(() => void guarded(), sweepMs);
      void guarded();
      return ready.promise;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
