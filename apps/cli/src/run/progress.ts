import { type Counts, finalHostStates, type HostState, type Run } from '@omanager/contract';
import { formatDuration, hostStateWord } from '../io/format.ts';
import { fitWidth } from '../io/width.ts';
import { controlWords, waveBar } from './waves.ts';

/** How far back the rate looks, in milliseconds. */
const windowMs = 10_000;

type Followed = Pick<Run, 'counts' | 'total' | 'state' | 'control' | 'waves' | 'wave' | 'holdUntil'>;

export interface Progress {
  update(run: Followed, now: number): void;
  /**
   * `37/100  ok 35  failed 2  running 20  12.3/s  ETA 5.1 s`, after what else there is to say:
   * `paused  Canary 1/1 ✓ › wave 2 10 waiting  1/11  ok 1`; cut to fit.
   */
  text(now: number, columns: number): string;
}

/** Watches a run's counters and says how it goes. Times are milliseconds of one clock. */
export function createProgress(): Progress {
  const samples: { at: number; done: number }[] = [];
  let run: Followed | null = null;

  /** Servers per second over the window, null while nothing can be said. */
  function rate(now: number): number | null {
    const first = samples[0];
    if (!run || !first || now - first.at < 500) return null;
    const done = doneOf(run.counts) - first.done;
    return done > 0 ? (done * 1000) / (now - first.at) : null;
  }

  return {
    update(next, now) {
      run = next;
      samples.push({ at: now, done: doneOf(next.counts) });
      while (samples.length > 2 && (samples[1]?.at ?? now) <= now - windowMs) samples.shift();
      // At most ten batches a second arrive; a faster clock must not grow this either.
      if (samples.length > 200) samples.splice(1, 1);
    },
    text(now, columns) {
      if (!run) return 'waiting for the run …';
      const { counts, total } = run;
      const done = doneOf(counts);
      const words = controlWords(run, now);
      const parts = [
        words,
        waveBar(run),
        `${done}/${total}`,
        ...shown.filter((state) => counts[state] > 0).map((state) => `${hostStateWord(state)} ${counts[state]}`),
      ].filter(Boolean);
      const perSecond = rate(now);
      // How long a pause lasts is not known.
      if (perSecond !== null && done < total && words === '') {
        parts.push(
          `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`,
          `ETA ${formatDuration(Math.ceil((total - done) / perSecond) * 1000)}`,
        );
      }
      return fitWidth(parts.join('  '), columns);
    },
  };
}

const shown: readonly HostState[] = [
  'ok',
  'failed',
  'unreachable',
  'timed_out',
  'lost',
  'aborted',
  'skipped',
  'not_started',
  'running',
  'connecting',
];

function doneOf(counts: Counts): number {
  return [...finalHostStates].reduce((sum, state) => sum + counts[state], 0);
}
