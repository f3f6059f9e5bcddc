import { isUnreachable } from '../../db/database.ts';
import type { Claims, Exchanged, HostAttempt, HostResult } from './claims.ts';
import type { EngineFor, PlanEngine } from './engine.ts';
import { createHostOutput, type HostOutput, type OutputLimits } from './hostOutput.ts';
import type { NewChunk } from './output.ts';

export interface DriverOptions {
  runId: string;
  owner: string;
  claims: Pick<Claims, 'exchange'>;
  engineFor: EngineFor;
  limits: OutputLimits;
  /** Takes up to `n` of the process's host slots; what is not used is given back. */
  takeSlots(n: number): number;
  giveSlots(n: number): void;
  /** Something about the run changed and was committed. */
  onChange(): void;
  /** This process has nothing left to do for the run; called once, the driver is of no use afterwards. */
  onIdle(): void;
  log: { error(details: object, message: string): void };
}

export interface Driver {
  /** There may be something to claim, or the run's control may have changed. */
  wake(): void;
  /** Hosts that are being worked on: their leases are renewed, and no others. */
  holding(): number[];
  /** Claims no more; resolves when the hosts under way have been reported. */
  drain(): Promise<void>;
}

/** What this process does for one claimed host. */
interface Job extends HostAttempt {
  /** `refused`: the lease was gone, nothing may be sent any more; `begun`: its script may have been sent. */
  stage: 'connecting' | 'refused' | 'begun';
}

/** Output waits this long at most before it is stored and shown. */
const flushMs = 200;
/** Output that may wait in memory for the store, over all hosts of the run, in bytes. */
const maxWaiting = 8 * 1024 * 1024;
const maxClaim = 500;
const retryMs = 1000;

/**
 * Drives this process's share of one run: claims hosts, lets the engine run them and reports, everything in batches.
 * While one transaction is under way the next batch collects, so the busier the run, the larger the batches.
 */
export function createDriver(options: DriverOptions): Driver {
  const { runId, owner, claims } = options;
  let aborted = new AbortController();
  const idle = Promise.withResolvers<void>();
  const jobs = new Map<number, Job>();
  const begins = new Map<Job, (may: boolean) => void>();
  let chunks: NewChunk[] = [];
  let waitingBytes = 0;
  const drained: (() => void)[] = [];
  let results: HostResult[] = [];
  /** Results on their way to the store. */
  let reporting: HostResult[] = [];
  let active = 0;
  let draining = false;
  /** The last exchange left nothing to claim and nobody has woken us since. */
  let quiet = false;
  let exchanging = false;
  let finished = false;
  let flushTimer: NodeJS.Timeout | undefined;

  function schedule(): void {
    if (exchanging || finished) return;
    exchanging = true;
    setImmediate(() => void exchangeUntilQuiet());
  }

  async function exchangeUntilQuiet(): Promise<void> {
    while (results.length > 0 || begins.size > 0 || chunks.length > 0 || (!quiet && !draining)) {
      if (!(await exchangeOnce())) await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    exchanging = false;
    if (active === 0 && (quiet || draining)) {
      finished = true;
      options.onIdle();
      idle.resolve();
    }
  }

  /** False when the store could not be reached; what was asked is asked again. */
  async function exchangeOnce(): Promise<boolean> {
    clearTimeout(flushTimer);
    flushTimer = undefined;
    const batch = { chunks, results, begins: [...begins.keys()] };
    chunks = [];
    results = [];
    reporting = batch.results;
    const slots = draining ? 0 : options.takeSlots(maxClaim);
    quiet = true;
    let done: Exchanged;
    try {
      done = await claims.exchange(runId, owner, { ...batch, want: slots });
    } catch (error) {
      options.giveSlots(slots);
      options.log.error(
        { runId, err: String(error).slice(0, 500) },
        'the store did not take a batch of results; trying again',
      );
      chunks = [...batch.chunks, ...chunks];
      results = [...batch.results, ...results];
      reporting = [];
      quiet = false;
      return false;
    }
    reporting = [];
    for (const { data } of batch.chunks) waitingBytes -= data.length;
    for (const resume of drained.splice(0)) resume();
    for (const job of batch.begins) {
      if (done.begun.has(job.ordinal)) answer(job, true);
      // Of an aborted run it still says that it never started.
      else if (done.control === 'abort') begins.get(job)?.(false);
      else answer(job, false);
      begins.delete(job);
    }
    if (done.control === 'abort') aborted.abort();
    // A retry after an abort begins anew.
    else if (aborted.signal.aborted) aborted = new AbortController();
    const claimed = done.claimed.filter(isNew).map((host): Job => ({ ...host, stage: 'connecting' }));
    options.giveSlots(slots - claimed.length);
    if (done.claimed.length > 0) quiet = false;
    if (claimed.length > 0) void startShard(claimed);
    if (done.changed) options.onChange();
    return true;
  }

  /** False for a host that was claimed again after its lease had ended, while our job for it still connects. */
  function isNew({ ordinal, attempt }: HostAttempt): boolean {
    const job = jobs.get(ordinal);
    return !(job && job.attempt === attempt && job.stage === 'connecting');
  }

  function answer(job: Job, may: boolean): void {
    job.stage = may ? 'begun' : 'refused';
    begins.get(job)?.(may);
    begins.delete(job);
  }

  async function startShard(hosts: Job[]): Promise<void> {
    active += hosts.length;
    for (const job of hosts) {
      const before = jobs.get(job.ordinal);
      if (before) answer(before, false);
      jobs.set(job.ordinal, job);
    }
    let engine: PlanEngine;
    try {
      engine = await options.engineFor(
        runId,
        hosts.map(({ ordinal }) => ordinal),
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Nothing was sent: what the store could not say now is asked again.
      for (const job of hosts) end(job, isUnreachable(error) ? { state: 'pending' } : { state: 'failed', message });
      return;
    }
    for (const job of hosts) void runHost(engine, job);
  }

  async function runHost(engine: PlanEngine, job: Job): Promise<void> {
    const { ordinal, attempt } = job;
    const output = createHostOutput({ ordinal, attempt, limits: options.limits, emit });
    try {
      const result = await engine.run(
        { runId, ordinal, attempt },
        {
          aborted: aborted.signal,
          begin: () =>
            new Promise<boolean>((resolve) => {
              if (job.stage === 'refused') return resolve(false);
              begins.set(job, resolve);
              schedule();
            }),
          write: (stream, data) => output.write(stream, data),
        },
      );
      end(job, { ...finishOutput(output, result), ...result });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      options.log.error({ runId, ordinal, err: message.slice(0, 500) }, 'an engine failed');
      end(job, {
        ...finishOutput(output, {}),
        state: 'failed',
        message: `OManager failed while running this server: ${message}`,
      });
    }
  }

  function finishOutput(output: HostOutput, { exitCode }: { exitCode?: number | null }) {
    return output.finish(exitCode ?? null);
  }

  function emit(chunk: NewChunk): Promise<void> | void {
    chunks.push(chunk);
    waitingBytes += chunk.data.length;
    flushTimer ??= setTimeout(schedule, flushMs);
    if (waitingBytes < maxWaiting) return;
    schedule();
    return new Promise((resolve) => {
      drained.push(resolve);
    });
  }

  function end(job: Job, result: Omit<HostResult, keyof HostAttempt>): void {
    // A later claim of the same host counts, not this one.
    if (jobs.get(job.ordinal) === job) {
      jobs.delete(job.ordinal);
      results.push({ ...result, ordinal: job.ordinal, attempt: job.attempt });
    }
    active--;
    options.giveSlots(1);
    quiet = false;
    schedule();
  }

  return {
    wake() {
      quiet = false;
      schedule();
    },
    holding: () => [...jobs.keys(), ...[...results, ...reporting].map(({ ordinal }) => ordinal)],
    async drain() {
      draining = true;
      schedule();
      await idle.promise;
    },
  };
}
