import type { Bus } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import type { Queue } from '../../queue/queue.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import { type ClaimOptions, type Claims, createClaims } from './claims/claims.ts';
import { createSweeper, type Sweeper } from './claims/sweeper.ts';
import type { OutputLimits } from './execute/budget.ts';
import type { EngineFor } from './execute/engine.ts';
import { createWorker, type Worker } from './execute/worker.ts';
import { createFollow } from './follow/follow.ts';
import { createRunHandlers, type RunMethods } from './handlers.ts';
import { createOutputHandlers, type OutputMethods } from './output/outputHandlers.ts';
import { createSearches } from './output/search.ts';
import { createPlanner, type PlannerOptions } from './plan/planner.ts';
import type { PlanStore } from './plan/planStore.ts';
import { createRunService } from './service.ts';
import { createRunStore } from './store.ts';
import { createRunListFeed } from './watch/runListFeed.ts';
import { createRunStreams } from './watch/streams.ts';

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
  /** Hosts that may be busy at once over all runs and processes; null: no limit. */
  maxBusy: number | null;
  afterOk?: ClaimOptions['afterOk'];
  /** Zones whose hosts only zone workers reach, by id, at this moment. */
  workerZones(): ReadonlySet<string>;
  log: { error(details: object, message: string): void };
}

export interface Runs {
  handlers: HandlersOf<RunMethods | OutputMethods>;
  worker: Worker;
  sweeper: Sweeper;
  /** For the workers of other zones, which claim through this server. */
  claims: Claims;
  /** Forgets plans that were never started. */
  prune(before: number): Promise<number>;
}

/** Plans, runs and the worker that executes them. Needs inventory, modules and an engine for each body. */
export function createRuns(options: Options): Runs {
  const { db, bus, queue, plans, inventory, modules, workerZones, log } = options;
  const watchList = createRunListFeed({ db, bus });
  const onChange = (runId: string) => {
    bus.publish(`run:${runId}`);
    bus.publish('lists');
  };
  const runs = createRunStore();
  const claims = createClaims(db, options);
  const planner = createPlanner({ ...options, now: Date.now });
  const service = createRunService({ db, plans, runs, inventory, modules });
  const streams = createRunStreams({ db, bus, runs });
  const follow = createFollow({ db, bus });
  const worker = createWorker({
    claims,
    queue,
    bus,
    engineFor: options.engineFor,
    limits: options.output,
    concurrency: options.concurrency,
    zones: () => ({ except: [...workerZones()] }),
    leaseMs: options.leaseMs,
    onChange,
    log,
  });
  const sweeper = createSweeper({ claims, embedded: options.embedded, leaseMs: options.leaseMs, onChange, log });
  return {
    handlers: {
      ...createRunHandlers({ db, bus, queue, planner, plans, runs, service, streams, watchList, follow, workerZones }),
      ...createOutputHandlers({ db, runs, searches: createSearches({ db }) }),
    },
    worker,
    sweeper,
    claims,
    prune: plans.prune,
  };
}
