import type { Run } from '@omanager/contract';
import { expect, it } from 'vitest';
import { makeRun } from '../testing/runs.ts';
import { steerWords } from './steerWords.ts';

const running = makeRun('running', { ok: 1, running: 4, pending: 31 });
const over = makeRun('partly_succeeded', { ok: 3, failed: 1 });
const as = (state: Run['state'], control: Run['control'], counts: Partial<Run['counts']>, rest: Partial<Run> = {}) =>
  makeRun(state, counts, { control, ...rest });
const waves = [
  { size: 5, counts: { ok: 1, running: 4 } },
  { size: 31, counts: { pending: 31 } },
];

it('says what a pause does', () => {
  const pausing = as('pausing', 'pause', { ok: 1, running: 4, pending: 31 });
  expect(steerWords.pause(running, pausing)).toBe(
    'Pausing: nothing new starts, 4 running ones finish, 31 servers wait.',
  );
  expect(steerWords.pause(pausing, as('paused', 'pause', { ok: 5, pending: 1 }))).toBe('Paused: 1 server waits.');
  expect(steerWords.pause(running, as('running', 'pause', { ok: 1, running: 4 }))).toBe(
    'All servers have started already: 4 running ones finish, there is nothing to hold back.',
  );
  const after = { ok: 1, running: 4, pending: 31 };
  expect(steerWords.pause(running, as('running', 'pause_after_wave', after, { waves, wave: 0 }))).toBe(
    'It pauses when canary is over: 35 servers are left in all.',
  );
  expect(steerWords.pause(running, as('running', 'pause_after_wave', after, { waves, wave: 1 }))).toContain(
    'in its last wave',
  );
  expect(steerWords.pause(over, over)).toBe('The run is over (partly succeeded); nothing was changed.');
});

it('says what a resume does', () => {
  const paused = as('paused', 'pause', { ok: 5, pending: 31 }, { waves, wave: 1 });
  const on = { ...paused, state: 'running', control: 'run' } as const;
  expect(steerWords.resume(paused, on)).toBe('Going on with wave 2 (31 servers); 31 servers wait in all.');
  expect(steerWords.resume(running, running)).toBe('It was not paused; nothing was changed.');
  expect(steerWords.resume({ ...running, control: 'pause_after_wave' }, running)).toBe(
    'It goes on after this wave without a pause.',
  );
  expect(steerWords.resume(paused, over)).toContain('is over');
});

it('says what a stop and an abort do', () => {
  const stopping = as('stopping', 'stop', { ok: 1, running: 4, not_started: 31 });
  expect(steerWords.stop(running, stopping)).toBe('Stopping: 31 servers will not start, 4 running ones finish.');
  expect(steerWords.stop(stopping, stopping)).toBe('It is being stopped already: 4 running ones finish.');
  expect(
    steerWords.stop(
      as('paused', 'pause', { ok: 1, pending: 3 }),
      as('partly_succeeded', 'stop', { ok: 1, not_started: 3 }),
    ),
  ).toBe('Stopped: 3 servers will not start, nothing is running.');
  const aborting = { ...stopping, control: 'abort' } as const;
  expect(steerWords.stop(aborting, aborting)).toContain('nothing was changed');
  expect(steerWords.abort(running, aborting, 10_000)).toBe(
    'Aborting: 31 servers will not start, 4 running ones are ended (TERM, after 10 s KILL).',
  );
  expect(steerWords.abort(stopping, aborting, 0)).toBe(
    'Aborting: all had started, 4 running ones are ended (KILL at once).',
  );
  expect(steerWords.abort(aborting, aborting, 0)).toBe('It is being aborted already: 4 being ended.');
  expect(steerWords.abort(over, over, 0)).toContain('nothing was changed');
});
