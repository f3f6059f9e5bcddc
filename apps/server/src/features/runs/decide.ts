import type { Counts, HostState, RunState } from '@omanager/contract';

/** What an operator wants of a run. */
export type Control = 'run' | 'abort';

export interface DecideInput {
  total: number;
  /** Hosts that may be connecting or running at the same time. */
  parallel: number;
  /** How many hosts are in each state; they add up to `total`. */
  counts: Counts;
  control: Control;
}

export interface Decision {
  /** How many pending hosts may be claimed now. */
  release: number;
  /** Pending hosts will never start: they become `not_started`. */
  dropPending: boolean;
  /** The state of the run that follows. */
  state: RunState;
}

const active: readonly HostState[] = ['connecting', 'running'];

/**
 * Decides what happens next in a run. Pure, and it sees counters only, never host rows, so it costs the same for ten
 * hosts and for ten thousand. Every change to a run asks it, inside the transaction that holds the run's row.
 */
export function decide({ total, parallel, counts, control }: DecideInput): Decision {
  const busy = active.reduce((sum, state) => sum + counts[state], 0);
  if (control === 'abort') {
    const over = busy === 0;
    return { release: 0, dropPending: counts.pending > 0, state: over ? 'aborted' : 'stopping' };
  }
  if (busy === 0 && counts.pending === 0) return { release: 0, dropPending: false, state: outcome(counts, total) };
  const release = Math.max(0, Math.min(counts.pending, parallel - busy));
  return { release, dropPending: false, state: busy === 0 && counts.pending === total ? 'queued' : 'running' };
}

function outcome(counts: Counts, total: number): RunState {
  if (counts.ok === total) return 'succeeded';
  return counts.ok > 0 ? 'partly_succeeded' : 'failed';
}
