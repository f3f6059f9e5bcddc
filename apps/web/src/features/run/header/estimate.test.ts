import { expect, it } from 'vitest';
import { estimateOf } from './estimate.ts';

const run = { done: 0, total: 100, elapsedMs: 10_000, typicalMs: 60_000 };

it('goes by what such runs took before, until enough servers have finished', () => {
  expect(estimateOf(run)).toEqual({ ms: 60_000, by: 'past' });
  expect(estimateOf({ ...run, done: 19 })).toEqual({ ms: 60_000, by: 'past' });
  expect(estimateOf({ ...run, done: 20 })).toEqual({ ms: 50_000, by: 'pace' });
  expect(estimateOf({ ...run, done: 3, total: 4 })).toEqual({ ms: 60_000, by: 'past' });
});

it('says nothing where nothing tells: a first run, one that takes longer than usual, one that is over', () => {
  expect(estimateOf({ ...run, typicalMs: null })).toBeNull();
  expect(estimateOf({ ...run, elapsedMs: 61_000 })).toBeNull();
  expect(estimateOf({ ...run, done: 100 })).toBeNull();
  expect(estimateOf({ ...run, elapsedMs: 0, done: 50 })).toBeNull();
});
