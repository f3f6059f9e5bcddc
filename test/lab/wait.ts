import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition gives something truthy, and returns that. Fails after the deadline with what was awaited. */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 10_000,
  everyMs = 20,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`);
    await sleep(everyMs);
  }
}
