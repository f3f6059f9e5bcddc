import type { Control, HostRun, HostState, ProbeAsk, RunState } from '@omanager/contract';
import { isoOrNull } from '../../db/page.ts';

export interface RunRow {
  id: string;
  /** Short, for people; counted by the one row of run_numbers. */
  number: number;
  plan_id: string;
  revision: number;
  state: RunState;
  control: Control;
  attempt: number;
  parallel: number;
  total: number;
  counts: string;
  rollout: string | null;
  progress: string | null;
  /** Hosts that are connecting or running. */
  busy: number;
  /** From TERM to KILL, as the last abort asked for. */
  grace_ms: number;
  /** The last retry runs also beside a lost script that is alive. SQLite says 0 or 1. */
  forced: number | boolean;
  stop_reason: string | null;
  reason: string | null;
  module_id: string;
  started_by: string;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  /** Bytes that its hosts wrote and that are stored, over all attempts. */
  output_bytes: number;
  /** What they take in the database, compressed. */
  output_stored: number;
  output_removed_at: number | null;
  /** Attempts that were last changed until then have lost their output. */
  output_removed_revision: number | null;
}

export interface HostRunRow {
  run_id: string;
  ordinal: number;
  attempt: number;
  host_id: string;
  name: string;
  environment: string;
  state: HostState;
  reason: HostRun['reason'];
  message: string | null;
  exit_code: number | null;
  started_at: number | null;
  ended_at: number | null;
  stdout_bytes: number;
  stderr_bytes: number;
  discarded_bytes: number;
  discarded_for: HostRun['discardedFor'];
  filtered_lines: number;
  fold: string | null;
  fold_masked: string | null;
  survivors: string | null;
  revision: number;
  /** The lease owner that last began it. */
  worker: string | null;
  zone_id: string;
  /** When the host is to be asked what became of its script, and what is to be done about it. */
  probe_at: number | null;
  probe_ask: ProbeAsk | null;
  lease_owner: string | null;
  lease_until: number | null;
}

/** Columns that an earlier attempt keeps. */
export const attemptColumns = [
  'run_id',
  'ordinal',
  'attempt',
  'host_id',
  'name',
  'environment',
  'state',
  'reason',
  'message',
  'exit_code',
  'started_at',
  'ended_at',
  'stdout_bytes',
  'stderr_bytes',
  'discarded_bytes',
  'discarded_for',
  'filtered_lines',
  'fold',
  'fold_masked',
  'survivors',
  'worker',
  'revision',
] as const satisfies readonly (keyof HostRunRow)[];

/** A row of an earlier attempt has no probe. */
export function toHostRun(row: HostRunRow): HostRun {
  return {
    ordinal: row.ordinal,
    hostId: row.host_id,
    name: row.name,
    environment: row.environment,
    state: row.state,
    reason: row.reason,
    message: row.message,
    attempt: row.attempt,
    exitCode: row.exit_code,
    startedAt: isoOrNull(row.started_at),
    endedAt: isoOrNull(row.ended_at),
    durationMs: row.started_at !== null && row.ended_at !== null ? row.ended_at - row.started_at : null,
    stdoutBytes: row.stdout_bytes,
    stderrBytes: row.stderr_bytes,
    discardedBytes: row.discarded_bytes,
    discardedFor: row.discarded_for,
    filteredLines: row.filtered_lines,
    fold: row.fold,
    survivors: row.survivors === null ? [] : JSON.parse(row.survivors),
    probeAt: isoOrNull(row.probe_at ?? null),
    revision: row.revision,
  };
}
