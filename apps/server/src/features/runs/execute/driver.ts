import { type Control, OmError } from '@omanager/contract';
import { isUnreachable } from '../../../db/database.ts';
import type { Claims } from '../claims/claims.ts';
import type { ClaimedHost, Exchanged, HostAttempt, HostResult, Probed, WorkerScope } from '../claims/exchange.ts';
import type { NewChunk } from '../output/output.ts';
import { createRunBudget, type OutputLimits } from './budget.ts';
import type { EngineFor, PlanEngine } from './engine.ts';
import { createHostOutput } from './hostOutput.ts';
import { type Batch, createOutbox } from './outbox.ts';

export interface DriverOptions {
  runId: string;
  scope(): WorkerScope;
  claims: Pick<Claims, 'exchange'>;
  engineFor: EngineFor;
  limits: OutputLimits;
  /** Takes up to `n` of the process's host slots; what is not used is given back. */
  takeSlots(n: number): number;
  giveSlots(n: number): void;
  /** A host that is followed gives its slot to others, while there is room for it beside them; false: it keeps it. */
  park(): boolean;
  unpark(): void;
  /** Something about the run changed and was committed. */
  onChange(): void;
  /** It claimed as many hosts as it may: others may find more. */
  onFull(): void;
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
interface Job extends ClaimedHost {
  /** `refused`: nothing may be sent any more; `held`: the run was paused meanwhile; `begun`: its script may have been sent. */
  stage: 'connecting' | 'refused' | 'held' | 'begun';
  /** It holds no slot: what has no end of its own must not keep other runs from theirs. */
  parked?: boolean;
}

/** Output waits this long at most before it is stored and shown. */
const flushMs = 200;
const maxClaim = 500;
const retryMs = 1000;

/** A host whose `running` was not committed: because of what the operator wants, or because its lease was gone. */
function whyNotBegun(control: Control): Job['stage'] {
  if (control === 'pause') return 'held';
  // Of a stopped run it still says that it never started.
  return control === 'run' || control === 'pause_after_wave' ? 'refused' : 'connecting';
}

/**
 * Drives this process's share of one run: claims hosts, lets the engine run them and reports, everything in batches.
 * While one transaction is under way the next batch collects, so the busier the run, the larger the batches.
 */
export function createDriver(options: DriverOptions): Driver {
  const { runId, scope, claims } = options;
  let aborted = new AbortController();
  let stopping = new AbortController();
  /** The process stops: nobody waits for probes. */
  const stopped = new AbortController();
  const idle = Promise.withResolvers<void>();
  const jobs = new Map<number, Job>();
  const begins = new Map<Job, (may: boolean) => void>();
  const outbox = createOutbox();
  const budget = createRunBudget(options.limits);
  let orders = { graceMs: 10_000, forced: false };
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
    while (!outbox.empty || begins.size > 0 || (!quiet && !draining)) {
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
    const batch = outbox.take();
    const asking = [...begins.keys()];
    const slots = draining ? 0 : options.takeSlots(maxClaim);
    quiet = true;
    let done: Exchanged;
    try {
      done = await claims.exchange(runId, scope(), { ...batch, begins: asking, want: slots });
    } catch (error) {
      options.giveSlots(slots);
      if (error instanceof OmError && error.code === 'NOT_FOUND') {
        forget(batch, asking);
        return true;
      }
      options.log.error(
        { runId, err: String(error).slice(0, 500) },
        'the store did not take a batch of results; trying again',
      );
      outbox.putBack(batch);
      quiet = false;
      return false;
    }
    orders = done;
    budget.settled(done.outputBytes, outbox.settle(batch, done));
    for (const job of asking) answer(job, done.begun.has(job.ordinal) ? 'begun' : whyNotBegun(done.control));
    if (done.control === 'abort') aborted.abort();
    // A retry after an abort begins anew.
    else if (aborted.signal.aborted) aborted = new AbortController();
    if (done.control === 'stop') stopping.abort();
    else if (stopping.signal.aborted && !draining) stopping = new AbortController();
    const claimed = done.claimed.filter(isNew).map((host): Job => ({ ...host, stage: 'connecting' }));
    options.giveSlots(slots - claimed.length);
    if (done.claimed.length > 0) quiet = false;
    if (claimed.length > 0) void startShard(claimed);
    if (slots > 0 && done.claimed.length === slots) options.onFull();
    if (done.changed) options.onChange();
    return true;
  }

  /** The run is not there (a stale wake-up, or it was removed): nothing may start, what runs is ended, nobody is told. */
  function forget(batch: Batch, asking: Job[]): void {
    outbox.settle(batch);
    for (const job of asking) answer(job, 'refused');
    aborted.abort();
  }

  /** False for a host that was claimed again after its lease had ended, while our job for it still connects. */
  function isNew({ ordinal, attempt }: HostAttempt): boolean {
    const job = jobs.get(ordinal);
    return !(job && job.attempt === attempt && job.stage === 'connecting');
  }

  function answer(job: Job, stage: Job['stage']): void {
    job.stage = stage;
    begins.get(job)?.(stage === 'begun');
    begins.delete(job);
  }

  async function startShard(hosts: Job[]): Promise<void> {
    active += hosts.length;
    for (const job of hosts) {
      const before = jobs.get(job.ordinal);
      if (before) answer(before, 'refused');
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
    for (const job of hosts) void (job.task === 'run' ? runHost(engine, job) : probeHost(engine, job, job.task));
  }

  async function probeHost(engine: PlanEngine, job: Job, task: 'probe' | 'kill'): Promise<void> {
    const { ordinal, attempt } = job;
    const ask = task === 'kill' ? 'kill' : 'look';
    let answer: Probed;
    try {
      answer = await engine.probe({ runId, ordinal, attempt }, ask, stopped.signal);
    } catch (error) {
      const message = `The server could not be asked: ${error instanceof Error ? error.message : String(error)}`;
      answer = { found: 'unreachable', exitCode: null, pid: null, survivors: [], message, tail: null };
    }
    if (jobs.get(ordinal) === job) {
      jobs.delete(ordinal);
      outbox.addProbed({ ...answer, ordinal, attempt, ask });
    }
    leave(job);
  }

  async function runHost(engine: PlanEngine, job: Job): Promise<void> {
    const { ordinal, attempt } = job;
    job.parked = engine.follows === true && options.park();
    // What was followed ends anywhere: no two outputs are the same.
    const names = engine.follows ? null : (engine.namesOf?.(ordinal) ?? []);
    const stored = Promise.withResolvers<boolean>();
    const output = createHostOutput({
      ordinal,
      attempt,
      budget: engine.follows ? budget.ring() : budget.host(),
      names,
      emit,
    });
    try {
      const result = await engine.run(
        { runId, ordinal, attempt, ...(orders.forced ? { force: true } : {}) },
        {
          aborted: aborted.signal,
          stopped: stopping.signal,
          graceMs: () => orders.graceMs,
          stored: () => stored.promise,
          begin: () =>
            new Promise<boolean>((resolve) => {
              if (job.stage === 'refused') return resolve(false);
              begins.set(job, resolve);
              schedule();
            }),
          write: (stream, data) => output.write(stream, data),
        },
      );
      end(job, { ...output.finish(result.exitCode ?? null), ...result }, stored.resolve);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      options.log.error({ runId, ordinal, err: message.slice(0, 500) }, 'an engine failed');
      end(job, {
        ...output.finish(null),
        state: 'failed',
        message: `OManager failed while running this server: ${message}`,
      });
      stored.resolve(false);
    }
  }

  function emit(chunk: NewChunk): Promise<void> | void {
    const full = outbox.addOutput(chunk);
    if (full) schedule();
    else flushTimer ??= setTimeout(schedule, flushMs);
    return full;
  }

  function end(
    job: Job,
    outcome: Omit<HostResult, keyof HostAttempt>,
    stored: (stored: boolean) => void = () => {},
  ): void {
    // A later claim of the same host counts, not this one.
    if (jobs.get(job.ordinal) === job) {
      jobs.delete(job.ordinal);
      // What a pause has kept from starting waits for its turn.
      const kept = job.stage === 'held' && outcome.state === 'not_started' ? { state: 'pending' as const } : outcome;
      outbox.addResult({ ...kept, ordinal: job.ordinal, attempt: job.attempt }, stored);
    } else stored(false);
    leave(job);
  }

  function leave(job: Job): void {
    active--;
    if (job.parked) options.unpark();
    else options.giveSlots(1);
    quiet = false;
    schedule();
  }

  return {
    wake() {
      quiet = false;
      schedule();
    },
    holding: () => [...jobs.keys(), ...outbox.hosts()],
    async drain() {
      draining = true;
      stopped.abort();
      // What follows would never end by itself.
      stopping.abort('shutdown');
      schedule();
      await idle.promise;
    },
  };
}
