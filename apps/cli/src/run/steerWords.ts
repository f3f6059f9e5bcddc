import { finalRunStates, type Run } from '@omanager/contract';
import { formatDuration, servers } from '../io/format.ts';
import { nextWave } from './waveQuestion.ts';
import { busyOf, waveName } from './waves.ts';

type Steered = Pick<Run, 'state' | 'control' | 'counts' | 'waves' | 'wave'>;

const isOver = ({ state }: Pick<Run, 'state'>): boolean => finalRunStates.has(state);
const over = ({ state }: Pick<Run, 'state'>): string =>
  `The run is over (${state.replaceAll('_', ' ')}); nothing was changed.`;

const finishing = (count: number): string =>
  count === 0 ? 'nothing is running' : `${count} running one${count === 1 ? ' finishes' : 's finish'}`;

const waiting = (count: number): string => `${servers(count)} ${count === 1 ? 'waits' : 'wait'}`;

/** What happened and what will, for each way to steer a run: the run before and after the call. */
export const steerWords = {
  pause(before: Steered, after: Steered): string {
    if (isOver(after)) return isOver(before) ? over(after) : `The run ended meanwhile: ${after.state}.`;
    const { pending } = after.counts;
    if (after.control === 'pause_after_wave') {
      const last = after.wave !== null && after.wave === after.waves.length - 1;
      const name = after.wave === null ? 'this wave' : waveName(after.waves, after.wave);
      if (last) return `It is in its last wave (${name}): there is none to pause before, it goes on to its end.`;
      return `It pauses when ${name} is over: ${servers(pending + busyOf(after.counts))} are left in all.`;
    }
    if (after.state === 'pausing')
      return `Pausing: nothing new starts, ${finishing(busyOf(after.counts))}, ${waiting(pending)}.`;
    if (after.state === 'paused') return `Paused: ${waiting(pending)}.`;
    return pending === 0
      ? `All servers have started already: ${finishing(busyOf(after.counts))}, there is nothing to hold back.`
      : `It is ${after.state}.`;
  },

  resume(before: Steered, after: Steered): string {
    if (isOver(after)) return over(after);
    if (before.control === 'run') return 'It was not paused; nothing was changed.';
    if (before.control === 'pause_after_wave') return 'It goes on after this wave without a pause.';
    return `Going on with ${nextWave(after)}; ${waiting(after.counts.pending)} in all.`;
  },

  stop(before: Steered, after: Steered): string {
    if (isOver(before)) return over(after);
    if (before.control === 'stop') return `It is being stopped already: ${finishing(busyOf(after.counts))}.`;
    if (before.control === 'abort') return 'It is being aborted already, which is more; nothing was changed.';
    const running = busyOf(after.counts);
    return `${isOver(after) ? 'Stopped' : 'Stopping'}: ${willNotStart(before, after)}, ${finishing(running)}.`;
  },

  abort(before: Steered, after: Steered, graceMs: number): string {
    if (isOver(before)) return over(after);
    if (before.control === 'abort') return `It is being aborted already: ${busyOf(after.counts)} being ended.`;
    const running = busyOf(after.counts);
    const ending =
      running === 0
        ? 'nothing is running'
        : `${running} running one${running === 1 ? ' is' : 's are'} ended (${graceMs === 0 ? 'KILL at once' : `TERM, after ${formatDuration(graceMs)} KILL`})`;
    return `${isOver(after) ? 'Aborted' : 'Aborting'}: ${willNotStart(before, after)}, ${ending}.`;
  },
};

function willNotStart(before: Steered, after: Steered): string {
  const dropped = after.counts.not_started - before.counts.not_started;
  return dropped <= 0 ? 'all had started' : `${servers(dropped)} will not start`;
}
