import type { Bus } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import type { Queue } from '../../queue/queue.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import { createClaims } from './claims.ts';
import type { EngineFor } from './engine.ts';
import { createRunHandlers, type RunMethods } from './handlers.ts';
import type { OutputLimits } from './hostOutput.ts';
import { createPlanner, type PlannerOptions } from './planner.ts';
import type { PlanStore } from './planStore.ts';
import { createRunService } from './service.ts';
import { createRunStore } from './store.ts';
import { createRunStreams } from './streams.ts';
import { createWorker, type Worker } from './worker.ts';

interface Options extends Omit<PlannerOptions, 'now'> {
  db: Database;
  bus: Bus;
  queue: Queue;
  plans: PlanStore;
  engineFor: EngineFor;
  output: OutputLimits;
  concurrency: number;
  /** This process alone owns the store: what an earlier one was doing is over. */
  embedded: boolean;
  leaseMs: number;
  log: { error(details: object, message: string): void };
}

export interface Runs {
  handlers: HandlersOf<RunMethods>;
  worker: Worker;
  /** Forgets plans that were never started. */
  prune(before: number): Promise<number>;
}

/** Plans, runs and the worker that executes them. Needs inventory, modules and an engine for each body. */
export function createRuns(options: Options): Runs {
  const { db, bus, queue, plans, inventory, log } = options;
  const runs = createRunStore();
  const claims = createClaims(db, options.leaseMs);
  const planner = createPlanner({ ...options, now: Date.now });
  const service = createRunService({ db, plans, runs, inventory });
  const streams = createRunStreams({ db, bus, runs });
  const worker = createWorker({
    claims,
    queue,
    bus,
    engineFor: options.engineFor,
    limits: options.output,
    concurrency: options.concurrency,
    embedded: options.embedded,
    leaseMs: options.leaseMs,
    onChange: (runId) => bus.publish(`run:${runId}`),
    log,
  });
  return {
    handlers: createRunHandlers({ db, bus, queue, planner, plans, runs, service, streams }),
    worker,
    prune: plans.prune,
  };
}
