import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Slows down repeated connects to one host that keeps failing: the attempt after the n-th failure in a row waits
 * 250 ms · 2^(n-1), at most 2 s, give or take a fifth. It delays, it never answers from memory: a host that was
 * mended is reached by the very next attempt, at most 2.4 s later.
 */
export interface Backoff {
  wait(host: string, signal: AbortSignal): Promise<void>;
  failed(host: string): void;
  succeeded(host: string): void;
}

const firstDelayMs = 250;
const maxDelayMs = 2000;
const maxHosts = 20_000;

export function createBackoff(now: () => number, random: () => number = Math.random): Backoff {
  const failures = new Map<string, { count: number; until: number }>();

  async function wait(host: string, signal: AbortSignal): Promise<void> {
    const delay = (failures.get(host)?.until ?? 0) - now();
    if (delay > 0) await sleep(Math.min(delay, maxDelayMs * 1.2), undefined, { signal });
  }

  function failed(host: string): void {
    const count = (failures.get(host)?.count ?? 0) + 1;
    const delay = Math.min(firstDelayMs * 2 ** Math.min(count - 1, 8), maxDelayMs) * (0.8 + 0.4 * random());
    failures.delete(host);
    failures.set(host, { count, until: now() + delay });
    const oldest = failures.keys().next().value;
    if (failures.size > maxHosts && oldest !== undefined) failures.delete(oldest);
  }

  return { wait, failed, succeeded: (host) => void failures.delete(host) };
}
