import type { Run } from '@omanager/contract';
import { expect, it } from 'vitest';
import { makeRun } from '../testing/runs.ts';
import { createProgress } from './progress.ts';

const run = (counts: Partial<Run['counts']>, rest: Partial<Run> = {}) =>
  makeRun('running', counts, { total: 100, ...rest });

it('says how many are done, how, how fast and how long it will take', () => {
  const progress = createProgress();
  expect(progress.text(0, 80)).toBe('waiting for the run …');
  progress.update(run({ running: 20, pending: 80 }), 0);
  expect(progress.text(0, 80)).toBe('0/100  running 20');
  progress.update(run({ ok: 35, failed: 5, running: 20, pending: 40 }), 4000);
  expect(progress.text(4000, 80)).toBe('40/100  ok 35  failed 5  running 20  10/s  ETA 6 s');
  expect(progress.text(4000, 20)).toBe('40/100  ok 35  fail…');
});

it('forgets how fast it was long ago', () => {
  const progress = createProgress();
  progress.update(run({}), 0);
  progress.update(run({ ok: 50 }), 1000);
  for (let at = 2000; at <= 30_000; at += 1000) progress.update(run({ ok: 50 }), at);
  expect(progress.text(30_000, 80)).toBe('50/100  ok 50');
});

it('does not count what never ran as still to come', () => {
  const progress = createProgress();
  progress.update(run({ ok: 60, not_started: 30, skipped: 10 }), 0);
  expect(progress.text(0, 80)).toBe('100/100  ok 60  skipped 10  not started 30');
});

it('says first what keeps the run from going on, and draws its waves', () => {
  const progress = createProgress();
  const waves = [
    { size: 1, counts: { ok: 1 } },
    { size: 10, counts: { pending: 10 } },
  ];
  progress.update(run({ ok: 1, pending: 10 }, { total: 11, state: 'paused', waves, wave: 1 }), 0);
  expect(progress.text(0, 80)).toBe('paused  Canary 1/1 ✓ › wave 2 10 waiting  1/11  ok 1');
});
