import { OmError } from '@omanager/contract';

export interface ThrottleKey {
  readonly name: string;
  /** How many attempts may fail before the waiting begins. */
  readonly free: number;
}

export interface Attempt {
  /** It was right: its keys start anew. */
  succeeded(): void;
  /** It was never tried (the server was busy): as if it had not been made. */
  forgiven(): void;
}

/** Slows guessing down, in memory of bounded size. A wait grows and ends by itself: nobody is locked out for good. */
export interface Throttle {
  /**
   * Counts an attempt against each key before it is tried, so that parallel attempts count as well.
   * THROTTLED while one of the keys has to wait; such a call does not lengthen the wait.
   */
  begin(keys: readonly ThrottleKey[]): Attempt;
  readonly size: number;
}

interface Entry {
  failures: number;
  waitUntil: number;
  last: number;
}

const firstWaitMs = 1000;
const longestWaitMs = 15 * 60_000;
const forgetMs = 60 * 60_000;

export function createThrottle({ now, maxKeys = 10_000 }: { now: () => number; maxKeys?: number }): Throttle {
  // A Map keeps insertion order, so the first key is the one that was touched longest ago.
  const entries = new Map<string, Entry>();

  return {
    begin(keys) {
      const at = now();
      const waitMs = Math.max(0, ...keys.map(({ name }) => (current(name, at)?.waitUntil ?? 0) - at));
      if (waitMs > 0) {
        const message = `Too many attempts; wait ${Math.ceil(waitMs / 1000)} s and try again.`;
        throw new OmError('THROTTLED', message, { retryAfterMs: Math.ceil(waitMs) });
      }
      for (const key of keys) charge(key, at);
      return {
        succeeded() {
          for (const { name } of keys) entries.delete(name);
        },
        forgiven() {
          for (const { name } of keys) forgive(name);
        },
      };
    },
    get size() {
      return entries.size;
    },
  };

  function current(name: string, at: number): Entry | undefined {
    const entry = entries.get(name);
    if (!entry || at - entry.last < forgetMs) return entry;
    entries.delete(name);
    return undefined;
  }

  function charge({ name, free }: ThrottleKey, at: number): void {
    const failures = (entries.get(name)?.failures ?? 0) + 1;
    const beyond = failures - free;
    const waitMs = beyond > 0 ? Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(beyond - 1, 30)) : 0;
    entries.delete(name);
    entries.set(name, { failures, waitUntil: at + waitMs, last: at });
    const oldest = entries.keys().next().value;
    if (entries.size > maxKeys && oldest !== undefined) entries.delete(oldest);
  }

  function forgive(name: string): void {
    const entry = entries.get(name);
    if (!entry) return;
    entry.failures--;
    entry.waitUntil = 0;
  }
}
