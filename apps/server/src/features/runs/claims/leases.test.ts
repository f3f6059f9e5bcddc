import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLocalBus } from '../../../bus/bus.ts';
import { createLocalQueue } from '../../../queue/queue.ts';
import type { HostIo, HostJob, PlanEngine } from '../execute/engine.ts';
import { createWorker, type Worker } from '../execute/worker.ts';
import { createRunService } from '../service.ts';
import { createRunStore } from '../store.ts';
import { insertRun, openTestStore } from '../testing.ts';
import { type Claims, createClaims } from './claims.ts';
import { createSweeper } from './sweeper.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
let worker: Worker;
const stops: (() => void)[] = [];
const runs = createRunStore();
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await worker.stop(AbortSignal.timeout(1000));
  await store.close();
});

/** A worker with an engine that waits in each of its steps until the test lets it go on. */
function startWorker({
  leaseMs = 15_000,
  wrap = (claims: Claims): Claims => claims,
  run,
}: {
  leaseMs?: number;
  wrap?: (claims: Claims) => Claims;
  run: (job: HostJob, io: HostIo) => ReturnType<PlanEngine['run']>;
}) {
  const claims = createClaims(store.db, { leaseMs, maxBusy: null });
  const queue = createLocalQueue();
  worker = createWorker({
    claims: wrap(claims),
    queue,
    bus: createLocalBus(),
    engineFor: async () => ({ run, probe: () => Promise.reject(new Error('nothing is lost here')) }),
    limits: { capBytes: 1000 },
    concurrency: 100,
    zones: () => ({ except: [] }),
    leaseMs,
    onChange: () => {},
    log: { error: () => {} },
  });
  const sweeper = createSweeper({ claims, embedded: false, leaseMs, onChange: () => {}, log: { error: () => {} } });
  stops.push(sweeper.stop);
  void sweeper.start();
  worker.start();
  return { claims, queue };
}

const states = async (runId: string) =>
  (await runs.hosts(store.db.knex, runId, { limit: 100 })).items.map(({ state, attempt }) => `${state} ${attempt}`);

it('loses nothing and begins nothing twice when the answer to a commit is cut off', async () => {
  const runId = await insertRun(store.db, store.sealer, 20, 10);
  const began: number[] = [];
  const cut = new Set(['claim', 'begin', 'result']);
  startWorker({
    leaseMs: 900,
    // The transaction is committed, its answer never arrives.
    wrap: (claims) => ({
      ...claims,
      async exchange(id, owner, asked) {
        const done = await claims.exchange(id, owner, asked);
        const what = asked.results.length > 0 ? 'result' : asked.begins.length > 0 ? 'begin' : 'claim';
        if (done.changed && cut.delete(what)) throw new Error('the connection to the database was cut');
        return done;
      },
    }),
    async run({ ordinal }, io) {
      if (!(await io.begin())) return { state: 'not_started' };
      began.push(ordinal);
      return { state: 'ok', exitCode: 0 };
    },
  });
  await expect.poll(async () => (await runs.get(store.db.knex, runId)).state, { timeout: 20_000 }).toBe('succeeded');
  expect(cut.size).toBe(0);
  expect(began.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

it('a host whose lease ended while it was connecting is begun once, by whoever holds it then', async () => {
  const runId = await insertRun(store.db, store.sealer, 5, 5);
  const connected = Promise.withResolvers<void>();
  const jobs: number[] = [];
  const began: number[] = [];
  const { claims, queue } = startWorker({
    async run({ ordinal }, io) {
      jobs.push(ordinal);
      await connected.promise;
      if (!(await io.begin())) return { state: 'not_started' };
      began.push(ordinal);
      return { state: 'ok', exitCode: 0 };
    },
  });
  await expect.poll(() => jobs.length).toBe(5);
  await claims.endAllLeases();
  await claims.takeBack(runId);
  expect(await states(runId)).toEqual(Array(5).fill('pending 1'));
  queue.wake(runId, 'main');
  await expect.poll(() => states(runId)).toEqual(Array(5).fill('connecting 1'));
  connected.resolve();
  await expect.poll(async () => (await runs.get(store.db.knex, runId)).state).toBe('succeeded');
  expect(began.toSorted()).toEqual([0, 1, 2, 3, 4]);
  await expect.poll(() => worker.stats()).toMatchObject({ runs: 0, hosts: 0 });
});

it('the late end of a lost attempt is not taken for that of the next one', async () => {
  const runId = await insertRun(store.db, store.sealer, 1, 1);
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const began: number[] = [];
  const { claims, queue } = startWorker({
    async run({ attempt }, io) {
      if (!(await io.begin())) return { state: 'not_started' };
      began.push(attempt);
      await ends[attempt - 1]?.promise;
      return attempt === 1 ? { state: 'ok', exitCode: 0 } : { state: 'failed', exitCode: 7 };
    },
  });
  await expect.poll(() => began).toEqual([1]);
  await claims.endAllLeases();
  await claims.takeBack(runId);
  expect(await states(runId)).toEqual(['lost 1']);
  // Only what a retry asks of them.
  const plan = { plan: { module: { id: 'm', risk: 'read' }, total: 1 } };
  const plans = { get: async () => plan, hosts: async () => [] };
  const inventory = {
    resolve: async () => [],
    emptyTerms: async () => [],
    trustOf: async () => new Map(),
    endpointKey: () => '',
    zoneLimits: async () => ({}),
  };
  const service = createRunService({
    db: store.db,
    plans: plans as never,
    runs,
    inventory,
    modules: { requireOffered: async () => {} },
  });
  await store.db.transaction((tx) => service.retry(tx, { runId, force: false }));
  queue.wake(runId, 'main');
  await expect.poll(() => began).toEqual([1, 2]);
  ends[0]?.resolve();
  await expect.poll(() => worker.stats().hosts).toBe(1);
  expect(await states(runId)).toEqual(['running 2']);
  ends[1]?.resolve();
  await expect.poll(() => states(runId)).toEqual(['failed 2']);
});
