import { expect, it } from 'vitest';
import { dayOf, daysAgo, momentOfDay } from './days.ts';

it('goes from a day to its first moment and back, here', () => {
  const from = momentOfDay('2026-02-28');
  const to = momentOfDay('2026-02-28', 1);
  expect(from && dayOf(new Date(from))).toBe('2026-02-28');
  expect(to && dayOf(new Date(to))).toBe('2026-03-01');
});

it('takes nothing else for a day', () => {
  expect(['', 'today', '2026-2-1', '2026-02-28T00:00'].map((day) => momentOfDay(day))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

it('counts days back over the end of a month', () => {
  expect(daysAgo(1, new Date(2026, 2, 1, 0, 30))).toBe('2026-02-28');
});
