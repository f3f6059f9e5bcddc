import type { HostAttempt, HostResult, Probed } from '../claims/exchange.ts';

/** One host of a claimed shard, with everything frozen by the plan. */
export interface HostJob extends HostAttempt {
  runId: string;
  /** Run also beside an earlier attempt that is lost and still alive on the host. */
  force?: boolean;
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
  /**
   * Aborted when the run is stopped: what follows ends then, in order; everything else goes on to its end.
   * The reason is `shutdown` when it is not the operator's wish but this process that ends.
   */
  readonly stopped: AbortSignal;
  /** After `run` has returned: resolves with true once its result is stored, with false if it was refused. None: nobody will know. */
  stored?(): Promise<boolean>;
  /** How long an abort leaves between TERM and KILL; asked for when `aborted` is. */
  graceMs(): number;
}

/** Runs jobs of one run; made by the engine of the module's body for one plan. */
export interface PlanEngine {
  /** Has no end of its own, so that the newest of its output is what is kept. */
  readonly follows?: boolean;
  /** The host's own names and addresses: outputs that differ in nothing else are folded. None: nothing is its own. */
  namesOf?(ordinal: number): readonly string[];
  run(job: HostJob, io: HostIo): Promise<Omit<HostResult, keyof HostAttempt>>;
  /** Asks the host what became of exactly this attempt. `kill` also ends what is left of it: TERM, then KILL. Throws only when `signal` is aborted. */
  probe(job: HostJob, ask: 'look' | 'kill', signal: AbortSignal): Promise<Probed>;
}

/** Makes the engine for a run: reads its plan, opens its secrets. Called once for each shard of claims. */
export type EngineFor = (runId: string, ordinals: number[]) => Promise<PlanEngine>;
