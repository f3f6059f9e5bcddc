import type { Claims, Exchanged, HostResult } from './claims.ts';
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
  /** Claims no more; resolves when the hosts under way have been reported. */
  drain(): Promise<void>;
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
  const aborted = new AbortController();
  const idle = Promise.withResolvers<void>();
  const begins = new Map<number, (may: boolean) => void>();
  let chunks: NewChunk[] = [];
  let waitingBytes = 0;
  const drained: (() => void)[] = [];
  let results: HostResult[] = [];
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
      quiet = false;
      return false;
    }
    for (const { data } of batch.chunks) waitingBytes -= data.length;
    for (const resume of drained.splice(0)) resume();
    for (const ordinal of batch.begins) {
      begins.get(ordinal)?.(done.begun.has(ordinal));
      begins.delete(ordinal);
    }
    if (done.control === 'abort') aborted.abort();
    options.giveSlots(slots - done.claimed.length);
    if (done.claimed.length > 0) {
      quiet = false;
      void startShard(done.claimed);
    }
    if (done.changed) options.onChange();
    return true;
  }

  async function startShard(hosts: Exchanged['claimed']): Promise<void> {
    active += hosts.length;
    let engine: PlanEngine;
    try {
      engine = await options.engineFor(
        runId,
        hosts.map(({ ordinal }) => ordinal),
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      for (const { ordinal } of hosts) end({ ordinal, state: 'failed', message });
      return;
    }
    for (const host of hosts) void runHost(engine, host);
  }

  async function runHost(
    engine: PlanEngine,
    { ordinal, attempt }: { ordinal: number; attempt: number },
  ): Promise<void> {
    let begun = false;
    const output = createHostOutput({ ordinal, attempt, limits: options.limits, emit });
    try {
      const result = await engine.run(
        { runId, ordinal, attempt },
        {
          aborted: aborted.signal,
          begin: async () => {
            begun = await new Promise<boolean>((resolve) => {
              begins.set(ordinal, resolve);
              schedule();
            });
            return begun;
          },
          write: (stream, data) => output.write(stream, data),
        },
      );
      end({ ...finishOutput(output, result), ...result, ordinal });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      options.log.error({ runId, ordinal, err: message.slice(0, 500) }, 'an engine failed');
      end({
        ...finishOutput(output, {}),
        ordinal,
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

  function end(result: HostResult): void {
    results.push(result);
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
    async drain() {
      draining = true;
      schedule();
      await idle.promise;
    },
  };
}
