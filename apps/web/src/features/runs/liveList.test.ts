import type { Run } from '@omanager/contract';
import { expect, it } from 'vitest';
import { heard, nothingTold, released, rowsOf } from './liveList.ts';

// Only what these functions read.
const run = (number: number, revision = 1): Run =>
  ({ id: `r${number}`, number, revision, createdAt: `2026-01-01T00:00:0${number}.000Z` }) as Run;
const listed = [run(3), run(2)];
const known = new Set(['r3', 'r2']);
const numbers = (rows: readonly Run[]) => rows.map(({ number }) => number);

it('puts new runs above, and shows each as whoever told last', () => {
  const told = heard(nothingTold, { runs: [run(5), run(4), run(2, 7)], left: [] }, known, false);
  const rows = rowsOf(listed, told, false);
  expect(numbers(rows)).toEqual([5, 4, 3, 2]);
  expect(rows[3]?.revision).toBe(7);
  expect(rowsOf([run(2, 9)], told, false).at(-1)?.revision).toBe(9);
});

it('holds new runs back while rows would move, but not news of shown ones', () => {
  const told = heard(nothingTold, { runs: [run(4), run(3, 2)], left: [] }, known, true);
  expect([told.held.size, numbers(rowsOf(listed, told, false))]).toEqual([1, [3, 2]]);
  expect(rowsOf(listed, told, false)[0]?.revision).toBe(2);
  expect(numbers(rowsOf(listed, released(told), false))).toEqual([4, 3, 2]);
});

it('takes away what left the filter, until it comes back', () => {
  const gone = heard(nothingTold, { runs: [], left: ['r3'] }, known, false);
  expect(numbers(rowsOf(listed, gone, false))).toEqual([2]);
  expect(numbers(rowsOf(listed, heard(gone, { runs: [run(3, 3)], left: [] }, known, false), false))).toEqual([3, 2]);
});

it('says nothing of what lies below the pages that are loaded', () => {
  const told = heard(nothingTold, { runs: [run(1)], left: [] }, known, false);
  expect(numbers(rowsOf(listed, told, true))).toEqual([3, 2]);
  expect(numbers(rowsOf(listed, told, false))).toEqual([3, 2, 1]);
});
