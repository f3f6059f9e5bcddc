import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLocalBus } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import { createLocalQueue } from '../../../queue/queue.ts';
import type { Sealer } from '../../vault/sealer.ts';
import { createClaims } from '../claims/claims.ts';
import { createSweeper } from '../claims/sweeper.ts';
import { readFolds } from '../output/folds.ts';
import { readOutput } from '../output/output.ts';
import { createRunService } from '../service.ts';
import { createRunStore } from '../store.ts';
import { insertRun, openTestStore } from '../testing.ts';
import type { EngineFor, HostIo, HostJob } from './engine.ts';
import { createWorker, type Worker } from './worker.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
let db: Database;
let sealer: Sealer;
const started: Worker[] = [];
const runs = createRunStore();

beforeEach(async () => {
  store = await openTestStore();
  ({ db, sealer } = store);
});
afterEach(async () => {
  for (const worker of started.splice(0)) await worker.stop(AbortSignal.timeout(1000));
  await store.close();
});

const leaseMs = 15_000;

type RunHost = (job: HostJob, io: HostIo) => ReturnType<Awaited<ReturnType<EngineFor>>['run']>;

function startWorker(run: RunHost, concurrency = 100) {
  const queue = createLocalQueue();
  const changed = new Set<() => void>();
  const worker = createWorker({
    claims: createClaims(db, { leaseMs, maxBusy: null }),
    queue,
    bus: createLocalBus(),
    engineFor: async () => ({ run, probe: () => Promise.reject(new Error('nothing is lost here')) }),
    limits: { capBytes: 1000 },
    concurrency,
    zones: () => ({ except: [] }),
    leaseMs,
    onChange: () => {
      for (const listener of [...changed]) listener();
    },
    log: { error: (details, message) => console.error(message, details) },
  });
  const claims = createClaims(db, { leaseMs, maxBusy: null });
  const onChange = () => {};
  const sweeper = createSweeper({ claims, embedded: true, leaseMs, onChange, log: { error: () => {} } });
  void sweeper.start().then(() => {
    sweeper.stop();
    worker.start();
  });
  started.push(worker);
  const untilState = (runId: string, ...states: string[]) =>
    new Promise<Awaited<ReturnType<typeof runs.get>>>((resolve, reject) => {
      const look = () =>
        runs.get(db.knex, runId).then((found) => {
          if (!states.includes(found.state)) return;
          changed.delete(look);
          resolve(found);
        }, reject);
      changed.add(look);
      look();
    });
  return { queue, worker, untilState };
}

const ok: RunHost = async (_job, io) => ((await io.begin()) ? { state: 'ok', exitCode: 0 } : { state: 'not_started' });

it('runs every host once and never more than the parallel limit at a time', async () => {
  let now = 0;
  let most = 0;
  const times = new Map<number, number>();
  const runId = await insertRun(db, sealer, 300, 20);
  const { queue, untilState } = startWorker(async ({ ordinal }, io) => {
    most = Math.max(most, ++now);
    if (!(await io.begin())) return { state: 'not_started' };
    times.set(ordinal, (times.get(ordinal) ?? 0) + 1);
    now--;
    return { state: ordinal % 10 === 0 ? 'failed' : 'ok', exitCode: ordinal % 10 === 0 ? 1 : 0 };
  });
  queue.wake(runId, 'main');
  const run = await untilState(runId, 'partly_succeeded');
  expect(run.counts).toMatchObject({ ok: 270, failed: 30, pending: 0, running: 0 });
  expect([...times.values()].every((n) => n === 1)).toBe(true);
  expect(times.size).toBe(300);
  expect(most).toBeLessThanOrEqual(20);
});

it('shares the process’s slots between runs', async () => {
  const ids = [await insertRun(db, sealer, 30), await insertRun(db, sealer, 30)];
  const { queue, untilState, worker } = startWorker(ok, 5);
  for (const id of ids) queue.wake(id, 'main');
  for (const id of ids) expect((await untilState(id, 'succeeded')).counts.ok).toBe(30);
  await expect.poll(() => worker.stats().hosts).toBe(0);
});

it('tells the engine once its result is stored, not before', async () => {
  const runId = await insertRun(db, sealer, 1);
  const told: unknown[] = [];
  const { queue, untilState } = startWorker(async (job, io) => {
    void io.stored?.().then(async (stored) => {
      const { items } = await runs.hosts(db.knex, runId, { limit: 1 });
      told.push({ stored, state: items[0]?.state });
    });
    return ok(job, io);
  });
  queue.wake(runId, 'main');
  await untilState(runId, 'succeeded');
  await expect.poll(() => told).toEqual([{ stored: true, state: 'ok' }]);
});

it('stores of what a server says no more than a database can hold, or nothing of the run would be stored', async () => {
  const runId = await insertRun(db, sealer, 1);
  const survivors = Array.from({ length: 20_000 }, (_, n) => n + 1);
  const { queue, untilState } = startWorker(async (job, io) => {
    const result = await ok(job, io);
    return { ...result, state: 'failed', exitCode: 1, survivors, message: `Still running: ${survivors.join(', ')}.` };
  });
  queue.wake(runId, 'main');
  await untilState(runId, 'failed');
  const { items } = await runs.hosts(db.knex, runId, { limit: 1 });
  expect(items[0]?.message).toHaveLength(10_000);
  expect(items[0]?.survivors).toHaveLength(1000);
});

it('finds a run nobody woke it for', async () => {
  const runId = await insertRun(db, sealer, 3);
  const { untilState } = startWorker(ok);
  expect((await untilState(runId, 'succeeded')).counts.ok).toBe(3);
});

it('forgets a run that is not there: nobody keeps asking for it, and what still runs is ended', async () => {
  const runId = await insertRun(db, sealer, 3);
  let ended = 0;
  const { queue, worker, untilState } = startWorker(async (_job, io) => {
    if (!(await io.begin())) return { state: 'not_started' };
    await new Promise((resolve) => io.aborted.addEventListener('abort', resolve));
    ended++;
    return { state: 'aborted' };
  });
  queue.wake(uuid(), 'main');
  await untilState(runId, 'running');
  await expect.poll(async () => (await runs.get(db.knex, runId)).counts.running, { timeout: 20_000 }).toBe(3);
  await db.knex('runs').where({ id: runId }).delete();
  queue.wake(runId, 'main');
  await expect.poll(() => worker.stats(), { timeout: 20_000 }).toMatchObject({ runs: 0, hosts: 0 });
  expect(ended).toBe(3);
});

it('aborts: what runs is told, what waits never starts, and a second abort changes nothing', async () => {
  const runId = await insertRun(db, sealer, 10, 4);
  const service = createRunService({
    db,
    plans: null as never,
    runs,
    inventory: null as never,
    modules: null as never,
  });
  const { queue, untilState } = startWorker(async (_job, io) => {
    if (!(await io.begin())) return { state: 'not_started' };
    await new Promise((resolve) => io.aborted.addEventListener('abort', resolve));
    return { state: 'aborted' };
  });
  queue.wake(runId, 'main');
  await untilState(runId, 'running');
  await expect.poll(async () => (await runs.get(db.knex, runId)).counts.running).toBe(4);
  await db.transaction((tx) => service.abort(tx, { runId, graceMs: 1000 }));
  queue.wake(runId, 'main');
  const run = await untilState(runId, 'aborted');
  expect(run.counts).toMatchObject({ aborted: 4, not_started: 6 });
  const again = await db.transaction((tx) => service.abort(tx, { runId, graceMs: 1000 }));
  expect(again.revision).toBeGreaterThan(0);
  expect(again.counts).toEqual(run.counts);
});

it('stores output before the result, up to the cap, and folds equal output', async () => {
  const runId = await insertRun(db, sealer, 6);
  const { queue, untilState } = startWorker(async ({ ordinal }, io) => {
    if (!(await io.begin())) return { state: 'not_started' };
    await io.write('stdout', Buffer.from(ordinal < 4 ? 'same\n' : `own ${ordinal}\n`));
    if (ordinal === 5) await io.write('stderr', Buffer.alloc(5000, 'x'));
    return { state: 'ok', exitCode: 0 };
  });
  queue.wake(runId, 'main');
  await untilState(runId, 'succeeded');
  const { items } = await readFolds(db.knex, { runId, by: 'exact', sampleBytes: 100, limit: 10 });
  expect(items.map(({ count, hosts }) => [count, hosts])).toEqual([
    [4, ['h0', 'h1', 'h2', 'h3']],
    [1, ['h4']],
    [1, ['h5']],
  ]);
  expect(Buffer.from(items[0]?.sample[0]?.data ?? '', 'base64').toString()).toBe('same\n');
  const { items: hosts } = await runs.hosts(db.knex, runId, { limit: 10 });
  expect(hosts[5]).toMatchObject({ stdoutBytes: 6, stderrBytes: 5000, discardedBytes: 4006 });
  const { chunks } = await readOutput(db.knex, { runId, ordinal: 5, attempt: 1, after: 0, maxBytes: 10_000 });
  expect(chunks.map(({ stream, data }) => [stream, Buffer.from(data, 'base64').length])).toEqual([
    ['stdout', 6],
    ['stderr', 994],
  ]);
});

it('after a crash: what was connecting starts over, what was running is lost, and a retry is a new attempt', async () => {
  const runId = await insertRun(db, sealer, 4, 4);
  const claims = createClaims(db, { leaseMs, maxBusy: null });
  const nothing = { chunks: [], results: [], probed: [], begins: [], want: 0 };
  const crashed = { owner: uuid(), zones: { except: [] } };
  await claims.exchange(runId, crashed, { ...nothing, want: 4 });
  await claims.exchange(runId, crashed, {
    ...nothing,
    begins: [0, 1].map((ordinal) => ({ ordinal, attempt: 1 })),
  });
  const ran: number[] = [];
  const { queue, untilState } = startWorker(async (job, io) => {
    if (await io.begin()) ran.push(job.ordinal);
    return { state: 'ok', exitCode: 0 };
  });
  const run = await untilState(runId, 'partly_succeeded');
  expect(run.counts).toMatchObject({ lost: 2, ok: 2 });
  expect(ran.sort()).toEqual([2, 3]);

  const late = await claims.exchange(runId, crashed, {
    ...nothing,
    results: [{ ordinal: 0, attempt: 1, state: 'ok', exitCode: 0 }],
  });
  expect(late.accepted.size).toBe(0);

  const plans = {
    get: async () => ({ plan: { module: { id: 'm', risk: 'read' }, total: 4 } }),
    hosts: async () => [],
  };
  const inventory = {
    resolve: async () => [],
    emptyTerms: async () => [],
    trustOf: async () => new Map(),
    endpointKey: () => '',
    zoneLimits: async () => ({}),
  };
  const service = createRunService({
    db,
    plans: plans as never,
    runs,
    inventory,
    modules: { requireOffered: async () => {} },
  });
  await db.transaction((tx) => service.retry(tx, { runId, force: false }));
  queue.wake(runId, 'main');
  expect((await untilState(runId, 'succeeded')).attempt).toBe(2);
  expect((await runs.attempts(db.knex, runId, 0)).items.map(({ attempt, state }) => [attempt, state])).toEqual([
    [1, 'lost'],
    [2, 'ok'],
  ]);
});
