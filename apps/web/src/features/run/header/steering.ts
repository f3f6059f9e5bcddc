import { type Counts, finalHostStates, finalRunStates, type HostState, hostStates, type Run } from '@omanager/contract';

/** Why a control is of no use now: the key of its words. */
export type Why =
  | 'whyOver'
  | 'whyNotOver'
  | 'whyEnding'
  | 'whyNothing'
  | 'whyNotPaused'
  | 'whyMay'
  | 'whyLink'
  | 'whyLastWave';
/** `null`: it can be used. */
export type Steering = Readonly<Record<'pause' | 'pauseAfterWave' | 'resume' | 'stop' | 'abort' | 'retry', Why | null>>;

type Steered = Pick<Run, 'state' | 'control' | 'counts' | 'wave'> & { waves: readonly unknown[] };

/** Final states that are retried by default. Skipped servers never had anything to do. */
export const notOkStates: readonly HostState[] = hostStates.filter(
  (state) => finalHostStates.has(state) && state !== 'ok' && state !== 'skipped',
);
export const notOkCount = (counts: Counts): number => notOkStates.reduce((sum, state) => sum + counts[state], 0);
export const busyCount = (counts: Counts): number => counts.running + counts.connecting;
export const doneCount = (counts: Counts): number =>
  [...finalHostStates].reduce((sum, state) => sum + counts[state], 0);

/** What can be done with a run now, and why not; `may` and `up`: the permission, the connection. */
export function steeringOf(run: Steered, { may, up }: { may: boolean; up: boolean }): Steering {
  const all = (why: Why | null): Steering => ({
    ...{ pause: why, pauseAfterWave: why, resume: why, stop: why, abort: why, retry: why },
  });
  if (!may) return all('whyMay');
  if (!up) return all('whyLink');
  if (finalRunStates.has(run.state))
    return { ...all('whyOver'), retry: notOkCount(run.counts) === 0 ? 'whyNothing' : null };
  const ending = run.control === 'stop' || run.control === 'abort' ? 'whyEnding' : null;
  const held = run.control === 'pause' || run.control === 'pause_after_wave';
  const last = run.wave === null || run.wave >= run.waves.length - 1;
  return {
    pause: ending ?? (run.control === 'pause' ? 'whyNotPaused' : null),
    pauseAfterWave: ending ?? (last ? 'whyLastWave' : null),
    resume: ending ?? (held ? null : 'whyNotPaused'),
    stop: ending,
    abort: run.control === 'abort' ? 'whyEnding' : null,
    retry: 'whyNotOver',
  };
}
