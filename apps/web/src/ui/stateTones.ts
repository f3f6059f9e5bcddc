import type { HostState, RunState } from '@omanager/contract';

/** The name of the colour token of a state. */
export type Tone = 'ok' | 'failed' | 'unreach' | 'warn' | 'accent' | 'aborted' | 'pending';

const tones: Readonly<Record<HostState | RunState, Tone>> = {
  pending: 'pending',
  connecting: 'accent',
  running: 'accent',
  ok: 'ok',
  failed: 'failed',
  unreachable: 'unreach',
  timed_out: 'warn',
  aborted: 'aborted',
  lost: 'unreach',
  not_started: 'pending',
  skipped: 'pending',
  queued: 'pending',
  pausing: 'warn',
  paused: 'warn',
  stopping: 'warn',
  succeeded: 'ok',
  partly_succeeded: 'warn',
};

export const toneOf = (state: HostState | RunState): Tone => tones[state];
