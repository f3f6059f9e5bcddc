import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the process is told to stop. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Throws where stopping in order takes longer than it may. */
export async function within(ms: number, closing: Promise<void>): Promise<void> {
  const late = new AbortController();
  const tooLate = sleep(ms, undefined, { signal: late.signal, ref: false }).then(() => {
    throw new Error(`the process did not stop within ${ms} ms; what was still running will be shown as lost`);
  });
  try {
    await Promise.race([closing, tooLate]);
  } finally {
    tooLate.catch(() => undefined);
    late.abort();
  }
}
