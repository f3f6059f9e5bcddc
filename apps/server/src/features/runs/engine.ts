import type { HostAttempt, HostResult } from './claims.ts';

/** One host of a claimed shard, with everything frozen by the plan. */
export interface HostJob extends HostAttempt {
  runId: string;
}

/** What an engine does with the host it was given: it begins, it streams, it returns the result. */
export interface HostIo {
  /**
   * Commits `running`. Only after `true` may the first byte of the script leave; `false` means that the lease is gone
   * or the run was aborted, and nothing may be sent.
   */
  begin(): Promise<boolean>;
  /** Takes output of the host; awaiting it is the back-pressure. */
  write(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> | void;
  /** Aborted when the run is; the engine then ends what it started (TERM, then KILL) and says so. */
  readonly aborted: AbortSignal;
}

/** Runs jobs of one run; made by the engine of the module's body for one plan. */
export interface PlanEngine {
  run(job: HostJob, io: HostIo): Promise<Omit<HostResult, keyof HostAttempt>>;
}

/** Makes the engine for a run: reads its plan, opens its secrets. Called once for each shard of claims. */
export type EngineFor = (runId: string, ordinals: number[]) => Promise<PlanEngine>;
