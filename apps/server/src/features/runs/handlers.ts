import { OmError, type ParamsOf, type ProbeAsk } from '@omanager/contract';
import type { Bus } from '../../bus/bus.ts';
import type { Database, Tx } from '../../db/database.ts';
import { decodeCursor, encodeCursor } from '../../db/page.ts';
import type { Queue } from '../../queue/queue.ts';
import type { ChangeCall, HandlersOf } from '../../rpc/handlers.ts';
import type { createFollow } from './follow/follow.ts';
import { hostRuns } from './history/hostRuns.ts';
import { runsByDay } from './history/runDays.ts';
import { listRuns } from './history/runLists.ts';
import { readOutput } from './output/output.ts';
import type { createPlanner } from './plan/planner.ts';
import type { PlanStore } from './plan/planStore.ts';
import { requireOutput } from './retention/retentionNotice.ts';
import type { RunService } from './service.ts';
import type { RunStore } from './store.ts';
import type { createRunListFeed } from './watch/runListFeed.ts';
import type { createRunStreams } from './watch/streams.ts';

interface Options {
  db: Database;
  bus: Bus;
  queue: Queue;
  planner: ReturnType<typeof createPlanner>;
  plans: PlanStore;
  runs: RunStore;
  service: RunService;
  streams: ReturnType<typeof createRunStreams>;
  watchList: ReturnType<typeof createRunListFeed>;
  follow: ReturnType<typeof createFollow>;
  /** Zones whose hosts only zone workers reach, by id. */
  workerZones(): ReadonlySet<string>;
}

export type RunMethods =
  | 'runs.plan'
  | 'runs.planHosts'
  | 'runs.start'
  | 'runs.list'
  | 'runs.byDay'
  | 'runs.watchList'
  | 'runs.get'
  | 'runs.hosts'
  | 'runs.attempts'
  | 'runs.output'
  | 'runs.export'
  | 'runs.pause'
  | 'runs.resume'
  | 'runs.stop'
  | 'runs.abort'
  | 'runs.retry'
  | 'runs.probe'
  | 'runs.kill'
  | 'runs.watch'
  | 'runs.tail'
  | 'runs.follow'
  | 'hosts.runs';

export function createRunHandlers({
  db,
  bus,
  queue,
  planner,
  plans,
  runs,
  service,
  streams,
  watchList,
  follow,
  workerZones,
}: Options): HandlersOf<RunMethods> {
  /** Wakes every lane that has hosts of the run. */
  async function wake(runId: string): Promise<void> {
    const lanes = await lanesOf(runId);
    for (const lane of lanes) queue.wake(runId, lane);
    bus.publish(`control:${runId}`);
    bus.publish(`run:${runId}`);
    bus.publish('lists');
  }

  async function lanesOf(runId: string): Promise<Set<string>> {
    const far = workerZones();
    if (far.size === 0) return new Set(['main']);
    const zones = await runs.zonesOf(db.knex, runId);
    return new Set(zones.map((zone) => (far.has(zone) ? zone : 'main')));
  }

  async function steer<R>(call: ChangeCall, { runId }: { runId: string }, change: (tx: Tx) => Promise<R>) {
    const answer = await call.commit((tx, note) => {
      note.object = `run ${runId}`;
      return change(tx);
    });
    await wake(runId);
    return answer;
  }

  async function ask(call: ChangeCall, { runId, hosts }: ParamsOf<'runs.probe'>, what: ProbeAsk) {
    const answer = await call.commit(async (tx, note) => {
      note.object = `run ${runId}`;
      const answer = await service.ask(tx, runId, what, hosts);
      note.details = { hosts: answer.asked };
      return answer;
    });
    await wake(runId);
    return answer;
  }

  return {
    'runs.plan': async (call, asked) => {
      const { userId } = call.signedIn();
      const planned = await planner(db.knex, asked);
      const { plan } = planned;
      return call.commit(async (tx, note) => {
        await plans.insert(tx, planned, userId);
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
        note.details = {
          module: run.module.id,
          version: run.module.version,
          selector: run.selector,
          hosts: run.total,
          ...(run.reason === null ? {} : { reason: run.reason }),
        };
        return run;
      });
      await wake(asked.runId);
      return answer;
    },
    'runs.list': (_call, asked) => listRuns(db.knex, asked),
    'runs.byDay': async (_call, asked) => runsByDay(db.knex, asked, await db.now(db.knex)),
    'runs.watchList': (call, asked) => watchList(asked, call.signal),
    'runs.get': (_call, { runId }) => runs.get(db.knex, runId),
    'runs.hosts': (_call, { runId, ...asked }) => runs.hosts(db.knex, runId, asked),
    'runs.attempts': (_call, { runId, ordinal }) => runs.attempts(db.knex, runId, ordinal),
    'runs.output': async (_call, { runId, ordinal, attempt, after, maxBytes }) => {
      const { row } = await runs.attemptOf(db.knex, runId, ordinal, attempt);
      await requireOutput(db.knex, runId, row);
      const { chunks, more } = await readOutput(db.knex, { runId, ordinal, attempt: row.attempt, after, maxBytes });
      return { chunks, more };
    },
    'runs.export': (call, { runId, format, hosts }) =>
      call.commit(async (tx, note) => {
        const { id, total } = await runs.get(tx, runId);
        note.object = `run ${id}`;
        note.details = { format, hosts: hosts?.length ?? total };
        return {};
      }),
    'runs.pause': (call, asked) => steer(call, asked, (tx) => service.pause(tx, asked)),
    'runs.resume': (call, asked) => steer(call, asked, (tx) => service.resume(tx, asked.runId)),
    'runs.stop': (call, asked) => steer(call, asked, (tx) => service.stop(tx, asked.runId)),
    'runs.abort': (call, asked) => steer(call, asked, (tx) => service.abort(tx, asked)),
    'runs.retry': async (call, asked) => {
      const answer = await call.commit(async (tx, note) => {
        note.object = `run ${asked.runId}`;
        const { run, count } = await service.retry(tx, asked);
        note.details = { hosts: count, states: asked.states, force: asked.force, reason: asked.reason };
        return run;
      });
      await wake(asked.runId);
      return answer;
    },
    'runs.probe': (call, asked) => ask(call, asked, 'look'),
    'runs.kill': (call, asked) => ask(call, asked, 'kill'),
    'runs.watch': (call, asked) => streams.watch(asked, call.signal),
    'runs.tail': (call, asked) => streams.tail(asked, call.signal),
    'runs.follow': (call, asked) => follow(asked, call.signal),
    'hosts.runs': (_call, asked) => hostRuns(db.knex, asked),
  };
}
