import { OmError } from '@omanager/contract';
import type { Bus } from '../../bus/bus.ts';
import type { Database } from '../../db/database.ts';
import { decodeCursor, encodeCursor } from '../../db/page.ts';
import type { Queue } from '../../queue/queue.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import { readOutput } from './output.ts';
import type { createPlanner } from './planner.ts';
import type { PlanStore } from './planStore.ts';
import type { RunService } from './service.ts';
import type { RunStore } from './store.ts';
import type { createRunStreams } from './streams.ts';

interface Options {
  db: Database;
  bus: Bus;
  queue: Queue;
  planner: ReturnType<typeof createPlanner>;
  plans: PlanStore;
  runs: RunStore;
  service: RunService;
  streams: ReturnType<typeof createRunStreams>;
}

export type RunMethods =
  | 'runs.plan'
  | 'runs.planHosts'
  | 'runs.start'
  | 'runs.list'
  | 'runs.get'
  | 'runs.hosts'
  | 'runs.attempts'
  | 'runs.output'
  | 'runs.folds'
  | 'runs.abort'
  | 'runs.retry'
  | 'runs.watch'
  | 'runs.tail';

export function createRunHandlers({
  db,
  bus,
  queue,
  planner,
  plans,
  runs,
  service,
  streams,
}: Options): HandlersOf<RunMethods> {
  const wake = (runId: string) => {
    queue.wake(runId, 'main');
    bus.publish(`control:${runId}`);
    bus.publish(`run:${runId}`);
  };
  return {
    'runs.plan': async (call, asked) => {
      const { userId } = call.signedIn();
      const { plan, input, hosts } = await planner(db.knex, asked);
      return call.commit(async (tx, note) => {
        await plans.insert(tx, plan, input, hosts, userId);
        note.object = `plan ${plan.id}`;
        note.details = { params: plan.params, files: Object.keys(asked.files), digest: plan.digest, hosts: plan.total };
        return plan;
      });
    },
    'runs.planHosts': async (call, { planId, cursor, limit }) => {
      const { createdBy } = await plans.get(db.knex, planId);
      if (createdBy !== call.signedIn().userId) call.authorize('audit.read');
      const after = cursor === undefined ? -1 : Number(decodeCursor(cursor));
      if (!Number.isInteger(after)) throw new OmError('INVALID_PARAMS', 'The cursor is none of this list.');
      const hosts = await plans.hosts(db.knex, planId, { after, limit: limit + 1 });
      const items = hosts.slice(0, limit);
      return { items, ...(hosts.length > limit ? { next: encodeCursor(String(items.at(-1)?.ordinal)) } : {}) };
    },
    'runs.start': async (call, asked) => {
      const actor = call.signedIn();
      const answer = await call.commit(async (tx, note) => {
        const run = await service.start(tx, actor, asked);
        note.object = `run ${run.id}`;
        note.details = { module: run.module.id, version: run.module.version, selector: run.selector, hosts: run.total };
        return run;
      });
      wake(asked.runId);
      return answer;
    },
    'runs.list': (_call, asked) => runs.list(db.knex, asked),
    'runs.get': (_call, { runId }) => runs.get(db.knex, runId),
    'runs.hosts': (_call, { runId, ...asked }) => runs.hosts(db.knex, runId, asked),
    'runs.attempts': async (_call, { runId, ordinal }) => ({ items: await runs.attempts(db.knex, runId, ordinal) }),
    'runs.output': async (_call, { runId, ordinal, attempt, after, maxBytes }) => {
      const { row } = await runs.attemptOf(db.knex, runId, ordinal, attempt);
      return readOutput(db.knex, { runId, ordinal, attempt: row.attempt, after, maxBytes });
    },
    'runs.folds': (_call, asked) => runs.folds(db.knex, asked),
    'runs.abort': async (call, { runId }) => {
      const answer = await call.commit((tx, note) => {
        note.object = `run ${runId}`;
        return service.abort(tx, runId);
      });
      wake(runId);
      return answer;
    },
    'runs.retry': async (call, asked) => {
      const answer = await call.commit((tx, note) => {
        note.object = `run ${asked.runId}`;
        return service.retry(tx, asked);
      });
      wake(asked.runId);
      return answer;
    },
    'runs.watch': (call, asked) => streams.watch(asked, call.signal),
    'runs.tail': (call, asked) => streams.tail(asked, call.signal),
  };
}
