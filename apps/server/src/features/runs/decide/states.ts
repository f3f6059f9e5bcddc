import { type Counts, type HostState, hostStates } from '@omanager/contract';

/**
 * The legal moves of a host run; docs/architecture.md draws them. `connecting` is leased and nothing was sent, so a
 * crash returns it to `pending`; `running` was committed before the first byte of the script, so only it can be lost.
 */
const moves: Readonly<Record<HostState, readonly HostState[]>> = {
  pending: ['connecting', 'not_started'],
  connecting: ['pending', 'running', 'unreachable', 'failed', 'not_started'],
  running: ['ok', 'failed', 'timed_out', 'aborted', 'lost'],
  // A final state is left only by a retry, which begins a new attempt.
  ok: ['pending'],
  failed: ['pending'],
  unreachable: ['pending'],
  timed_out: ['pending'],
  aborted: ['pending'],
  // A probe has asked the host and brought the true result.
  lost: ['pending', 'ok', 'failed'],
  not_started: ['pending'],
  skipped: ['pending'],
};

export function mayMove(from: HostState, to: HostState): boolean {
  return moves[from].includes(to);
}

export function noCounts(): Counts {
  const counts: Partial<Counts> = {};
  for (const state of hostStates) counts[state] = 0;
  return counts as Counts;
}

/** Moves `n` hosts from one state to another in the counters. */
export function moveCounts(counts: Counts, from: HostState, to: HostState, n = 1): void {
  counts[from] -= n;
  counts[to] += n;
}
