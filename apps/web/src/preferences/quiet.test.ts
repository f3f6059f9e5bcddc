import { expect, it } from 'vitest';
import { isQuiet } from './quiet.ts';

const at = (hours: number, minutes = 0) => new Date(2026, 2, 10, hours, minutes);

it('is quiet from one time to the other, also over midnight', () => {
  const night = { from: '22:00', to: '07:30' };
  expect([at(21, 59), at(22), at(0), at(7, 29), at(7, 30)].map((now) => isQuiet(night, now))).toEqual([
    ...[false, true, true, true, false],
  ]);
  const noon = { from: '12:00', to: '13:00' };
  expect([at(11, 59), at(12), at(13)].map((now) => isQuiet(noon, now))).toEqual([false, true, false]);
});

it('is never quiet without hours', () => {
  expect(isQuiet(null, at(3))).toBe(false);
  expect(isQuiet({ from: '08:00', to: '08:00' }, at(8))).toBe(false);
});
