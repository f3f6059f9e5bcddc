import type { Run } from '@omanager/contract';
import { expect, it } from 'vitest';
import { newest, remember } from './useRuns.ts';

// Only what these functions read.
const run = (id: string, revision: number): Run => ({ id, revision }) as Run;

it('shows a run as whoever told of it last', () => {
  const listed = [run('a', 5), run('b', 2)];
  const live = new Map([
    ['a', run('a', 4)],
    ['b', run('b', 3)],
  ]);
  expect(newest(listed, live).map(({ revision }) => revision)).toEqual([5, 3]);
});

it('keeps the last of each run, and not more than 200 runs', () => {
  let live: ReadonlyMap<string, Run> = new Map();
  for (let i = 0; i < 300; i++) live = remember(live, run(String(i), 1));
  live = remember(live, run('299', 2));
  expect(live.size).toBe(200);
  expect(live.has('99')).toBe(false);
  expect(live.get('299')?.revision).toBe(2);
});
