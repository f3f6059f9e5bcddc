import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

function startPace() {
  let now = 0;
  let utilization = 0;
  const pace = createPace(
    () => now,
    () => utilization,
  );
  pace.begun();
  /** Lets batches go whenever they may, for so many seconds; how many there were in each. */
  const perSecond = (seconds: number, busy: number): number[] => {
    utilization = busy;
    return Array.from({ length: seconds }, () => {
      let batches = 0;
      for (const end = now + 1000; now < end; now++) {
        if (pace.waitMs() > 0) continue;
        pace.begun();
        batches++;
      }
      return batches;
    });
  };
  return { pace, perSecond, passMs: (ms: number) => (now += ms) };
}

it('lets ten batches a second go while there is time', () => {
  expect(startPace().perSecond(3, 0.5)).toEqual([9, 10, 10]);
});

it('lets fewer go while there is none, one a second in the end, and ten again as soon as there is', () => {
  const { perSecond } = startPace();
  const busy = perSecond(5, 1);
  expect(busy[0]).toBeLessThan(5);
  expect(busy.slice(2)).toEqual([1, 1, 1]);
  expect(perSecond(2, 0.1)[1]).toBe(10);
});

it('asks to be asked again soon, so that the end of a busy time is noticed', () => {
  const { pace, perSecond, passMs } = startPace();
  perSecond(5, 1);
  pace.begun();
  passMs(150);
  expect(pace.waitMs()).toBeLessThanOrEqual(100);
});
