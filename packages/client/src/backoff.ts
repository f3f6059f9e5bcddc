export interface BackoffOptions {
  /** Longest first wait in milliseconds. */
  firstMs?: number;
  /** Longest wait of all in milliseconds. */
  capMs?: number;
  /** 0 ≤ x < 1; Math.random unless a test brings its own. */
  random?: () => number;
}

/**
 * How long to wait before the next attempt: doubles up to the cap, and half of it is chance, so that the clients of a
 * server that comes back do not all knock at once.
 */
export function backoffMs(failures: number, options: BackoffOptions = {}): number {
  const { firstMs = 250, capMs = 10_000, random = Math.random } = options;
  const longest = Math.min(capMs, firstMs * 2 ** Math.min(failures, 30));
  return longest / 2 + (random() * longest) / 2;
}

/** Waits, or ends early (without an error) when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
