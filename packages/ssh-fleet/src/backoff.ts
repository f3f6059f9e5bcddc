import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Slows down repeated connects to one host that keeps failing: the attempt after the n-th failure in a row waits
 * 250 ms · 2^(n-1), at most 2 s, give or take a fifth. It delays and never answers from memory: a host that was
 * mended is reached by the very next attempt, at most 2.4 s later.
 */
export interface Backoff {
  /** Waits as long as the host's failures ask for; rejects with the signal's reason. */
  wait(host: string, signal: AbortSignal): Promise<void>;
  delayMs(host: string): number;
  failed(host: string): void;
  succeeded(host: string): void;
}

const firstDelayMs = 250;
const maxDelayMs = 2000;
const jitter = 0.2;
const maxHosts = 20_000;

export function createBackoff(now: () => number, random: () => number = Math.random): Backoff {
  const failures = new Map<string, { count: number; until: number }>();

  function delayMs(host: string): number {
    return Math.max((failures.get(host)?.until ?? 0) - now(), 0);
  }

  async function wait(host: string, signal: AbortSignal): Promise<void> {
    const delay = delayMs(host);
    if (delay === 0) return;
    await sleep(delay, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  function failed(host: string): void {
    const count = Math.min((failures.get(host)?.count ?? 0) + 1, 10);
    const delay = Math.min(firstDelayMs * 2 ** (count - 1), maxDelayMs) * (1 - jitter + 2 * jitter * random());
    failures.delete(host);
    failures.set(host, { count, until: now() + delay });
    const oldest = failures.keys().next().value;
    if (failures.size > maxHosts && oldest !== undefined) failures.delete(oldest);
  }

  return { wait, delayMs, failed, succeeded: (host) => void failures.delete(host) };
}
