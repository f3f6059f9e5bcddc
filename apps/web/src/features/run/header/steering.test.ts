import { type Counts, hostStates, runStates } from '@omanager/contract';
import { expect, it } from 'vitest';
import { notOkCount, steeringOf } from './steering.ts';

const none: Counts = {
  ...{ pending: 0, connecting: 0, running: 0, ok: 0, failed: 0, unreachable: 0, timed_out: 0 },
  ...{ aborted: 0, lost: 0, not_started: 0, skipped: 0 },
};
const yes = { may: true, up: true };
const run = { state: 'running', control: 'run', counts: none, waves: [], wave: null } as const;
const waves = [
  { size: 1, counts: {} },
  { size: 4, counts: {} },
];

it('retries only what is over and not OK', () => {
  const failed = { ...none, failed: 2, ok: 3 };
  expect(steeringOf({ ...run, counts: failed }, yes).retry).toBe('whyNotOver');
  expect(steeringOf({ ...run, state: 'partly_succeeded', counts: failed }, yes).retry).toBeNull();
  expect(steeringOf({ ...run, state: 'succeeded', counts: { ...none, ok: 5 } }, yes).retry).toBe('whyNothing');
});

it('counts lost and not started servers as not OK, and no other that has not ended', () => {
  for (const state of hostStates) {
    const expected = ['ok', 'skipped', 'pending', 'connecting', 'running'].includes(state) ? 0 : 1;
    expect([state, notOkCount({ ...none, [state]: 1 })]).toEqual([state, expected]);
  }
});

it('pauses after a wave only where another follows, and lets an aborted run go its way', () => {
  expect(steeringOf({ ...run, waves, wave: 0 }, yes).pauseAfterWave).toBeNull();
  expect(steeringOf({ ...run, waves, wave: 1 }, yes).pauseAfterWave).toBe('whyLastWave');
  const stopping = steeringOf({ ...run, control: 'stop', waves, wave: 0 }, yes);
  expect([stopping.pause, stopping.stop, stopping.abort]).toEqual(['whyEnding', 'whyEnding', null]);
  expect(steeringOf({ ...run, control: 'pause' }, yes).resume).toBeNull();
});

it('offers nothing without permission or connection', () => {
  for (const state of runStates) {
    expect(new Set(Object.values(steeringOf({ ...run, state }, { may: false, up: true })))).toEqual(
      new Set(['whyMay']),
    );
    expect(new Set(Object.values(steeringOf({ ...run, state }, { may: true, up: false })))).toEqual(
      new Set(['whyLink']),
    );
  }
});
