import { describe, expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';

const never = new AbortController().signal;

describe('back-off', () => {
  it('grows with each failure to at most 2.4 s, and is gone after a success', () => {
    let time = 0;
    for (const random of [() => 0, () => 0.999]) {
      const backoff = createBackoff(() => time, random);
      const delays = Array.from({ length: 12 }, () => {
        backoff.failed('host');
        return backoff.delayMs('host');
      });
      expect(delays[0]).toBeGreaterThanOrEqual(200);
      expect(delays[0]).toBeLessThanOrEqual(300);
      expect(Math.max(...delays)).toBeLessThanOrEqual(2400);
      expect([...delays].sort((a, b) => a - b)).toEqual(delays);
      expect(backoff.delayMs('other host')).toBe(0);
      time += 2400;
      expect(backoff.delayMs('host')).toBe(0);
      backoff.failed('host');
      backoff.succeeded('host');
      expect(backoff.delayMs('host')).toBe(0);
    }
  });

  it('ends with its signal', async () => {
    const backoff = createBackoff(() => 0);
    backoff.failed('host');
    const stop = new AbortController();
    const waiting = backoff.wait('host', stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await backoff.wait('other host', never);
  });
});
