import { OmError } from '@omanager/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';

function setup(maxKeys?: number) {
  const clock = { now: 1e12 };
  const throttle = createThrottle({ now: () => clock.now, ...(maxKeys ? { maxKeys } : {}) });
  /** Milliseconds to wait, or 0 when the attempt was let through. */
  const fail = (name: string, free = 3): number => {
    try {
      throttle.begin([{ name, free }]);
      return 0;
    } catch (error) {
      if (!(error instanceof OmError)) throw error;
      expect(error.code).toBe('THROTTLED');
      return Number(error.details?.retryAfterMs);
    }
  };
  return { clock, throttle, fail };
}

describe('throttle', () => {
  it('lets the free attempts through, then doubles the wait up to 15 minutes', () => {
    const { clock, fail } = setup();
    for (let i = 0; i < 3; i++) expect(fail('a')).toBe(0);
    const waits: number[] = [];
    for (let i = 0; i < 13; i++) {
      expect(fail('a')).toBe(0);
      const wait = fail('a');
      waits.push(wait);
      clock.now += wait;
    }
    expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(waits.at(-1)).toBe(15 * 60_000);
  });

  it('does not lengthen the wait for whoever asks too early', () => {
    const { clock, fail } = setup();
    for (let i = 0; i < 4; i++) fail('a');
    for (let i = 0; i < 1000; i++) expect(fail('a')).toBe(1000);
    clock.now += 1000;
    expect(fail('a')).toBe(0);
  });

  it('starts anew after a success, after an hour, and for what was never tried', () => {
    const { clock, throttle, fail } = setup();
    for (let i = 0; i < 3; i++) fail('a');
    throttle.begin([{ name: 'a', free: 3 }]).succeeded();
    expect([fail('a'), fail('a'), fail('a'), fail('a'), fail('a')]).toEqual([0, 0, 0, 0, 1000]);
    clock.now += 60 * 60_000;
    expect([fail('a'), fail('a'), fail('a'), fail('a'), fail('a')]).toEqual([0, 0, 0, 0, 1000]);
    for (let i = 0; i < 20; i++) throttle.begin([{ name: 'busy', free: 3 }]).forgiven();
    expect(fail('busy')).toBe(0);
  });

  it('counts one attempt against all keys, or none when one of them has to wait', () => {
    const { throttle, fail } = setup();
    for (let i = 0; i < 4; i++) fail('device');
    expect(() =>
      throttle.begin([
        { name: 'device', free: 3 },
        { name: 'user', free: 0 },
      ]),
    ).toThrow(OmError);
    expect(fail('user', 0)).toBe(0);
    expect(fail('user', 0)).toBe(1000);
  });

  it('keeps a bounded number of keys, forgetting those untouched longest', () => {
    const { throttle, fail } = setup(100);
    for (let i = 0; i < 4; i++) fail('attacker');
    for (let i = 0; i < 1000; i++) {
      throttle.begin([{ name: `name ${i}`, free: 3 }]);
      expect(throttle.size).toBeLessThanOrEqual(100);
    }
    expect(fail('attacker')).toBe(0);
  });

  it('never lets more than the free attempts and one per wait through, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), (pauses) => {
        const { clock, fail } = setup();
        const began = clock.now;
        let through = 0;
        for (const pause of pauses) {
          clock.now += pause;
          if (fail('a') === 0) through++;
        }
        const seconds = (clock.now - began) / 1000;
        // After n waits of 1, 2, 4 … seconds at least 2^n - 1 seconds have passed.
        expect(through).toBeLessThanOrEqual(3 + 1 + Math.log2(seconds + 1));
      }),
    );
  });
});
