import type { Control, HostRun, HostState, ProbeAsk } from '@omanager/contract';
import type { NewChunk } from '../output/output.ts';

/** One host of a run at one attempt: what was claimed, begun or ended for an earlier attempt counts for no other. */
export interface HostAttempt {
  ordinal: number;
  attempt: number;
}

/** What a worker is to do with a host that it claimed: run the script, or ask about a lost one, or end it. */
export interface ClaimedHost extends HostAttempt {
  task: 'run' | 'probe' | 'kill';
}

/** Zones whose hosts a worker takes, by id. */
export type ZoneScope = { only: readonly string[] } | { except: readonly string[] };

export interface WorkerScope {
  /** Names the lease: another instance of the same worker is another owner. */
  owner: string;
  zones: ZoneScope;
}

export interface Exchange {
  /** Results first, then what may begin, then new claims: one transaction. */
  chunks: NewChunk[];
  results: HostResult[];
  probed: ProbeAnswer[];
  begins: HostAttempt[];
  /** How many hosts to claim, at most. */
  want: number;
}

/** What the run's row says to whoever works on it. */
export interface Orders {
  control: Control;
  graceMs: number;
  forced: boolean;
  /** Bytes of output that are stored for the run. */
  outputBytes: number;
}

export interface Exchanged extends Orders {
  /** Ordinals now committed as `running`: only these may be sent a script. */
  begun: ReadonlySet<number>;
  /** Results that counted; the others came from a lease that is no longer ours. */
  accepted: ReadonlySet<number>;
  claimed: ClaimedHost[];
  /** Whether anything was written. */
  changed: boolean;
}

/** The end of one host's attempt, as an engine reports it. */
export interface HostResult extends HostAttempt {
  state: Extract<
    HostState,
    'ok' | 'failed' | 'unreachable' | 'timed_out' | 'aborted' | 'lost' | 'not_started' | 'pending'
  >;
  reason?: HostRun['reason'];
  message?: string | null;
  exitCode?: number | null;
  stdoutBytes?: number;
  stderrBytes?: number;
  discardedBytes?: number;
  discardedFor?: HostRun['discardedFor'];
  filteredLines?: number;
  fold?: string | null;
  foldMasked?: string | null;
  survivors?: number[];
}

/** What a host said, and to which question. */
export type ProbeAnswer = HostAttempt & Probed & { ask: ProbeAsk };

/** What a host says of an attempt of which nobody knows how it ended. */
export interface Probed {
  /** `finished`: with its true exit code. `running`: as `pid`. `unknown`: the host cannot say, and never will. */
  found: 'finished' | 'running' | 'unknown' | 'unreachable';
  exitCode: number | null;
  pid: number | null;
  /** Processes of that attempt that are left, besides `pid`. */
  survivors: number[];
  /** For the operator. */
  message: string;
  /** The end of its output, masked; only of a finished one, where the host kept it. */
  tail: Uint8Array | null;
}
