import type { HostRun, HostState, RunState } from '@omanager/contract';
import { isoOrNull } from '../../db/page.ts';
import type { Control } from './decide.ts';

export interface RunRow {
  id: string;
  plan_id: string;
  revision: number;
  state: RunState;
  control: Control;
  attempt: number;
  parallel: number;
  total: number;
  counts: string;
  module_id: string;
  started_by: string;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
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
  fold: string | null;
  survivors: string | null;
  revision: number;
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
  'fold',
  'survivors',
  'revision',
] as const satisfies readonly (keyof HostRunRow)[];

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
    fold: row.fold,
    survivors: row.survivors === null ? [] : JSON.parse(row.survivors),
    revision: row.revision,
  };
}
