import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLocalBus } from '../../../bus/bus.ts';
import { createLocalQueue } from '../../../queue/queue.ts';
import { createClaims } from '../claims/claims.ts';
import { createRunService } from '../service.ts';
import { createRunStore } from '../store.ts';
import { insertRun, openTestStore } from '../testing.ts';
import type { EngineFor } from './engine.ts';
import { createWorker, type Worker } from './worker.ts';

const runs = createRunStore();
const queue = createLocalQueue();
const bus = createLocalBus();
const started: Worker[] = [];
let store: Awaited<ReturnType<typeof openTestStore>>;

beforeEach(async () => {
  store = await openTestStore();
});
afterEach(async () => {
  for (const worker of started.splice(0)) await worker.stop(AbortSignal.timeout(1000));
  await store.close();
});

/** A worker that never sweeps: what it does, it was woken for. Its hosts run until the gate opens or the run is aborted. */
function startWorker(concurrency: number, gate: Promise<void>): Worker {
  const claims = createClaims(store.db, { leaseMs: 15_000, maxBusy: null });
  const run: Awaited<ReturnType<EngineFor>>['run'] = async (_job, io) => {
    if (!(await io.begin())) return { state: 'not_started' };
    const aborted = new Promise<void>((resolve) => io.aborted.addEventListener('abort', () => resolve()));
    await Promise.race([gate, aborted]);
    return io.aborted.aborted ? { state: 'aborted' } : { state: 'ok', exitCode: 0 };
  };
  const worker = createWorker({
    claims: { ...claims, unfinished: async () => [] },
    queue,
    bus,
    engineFor: async () => ({ run, probe: () => Promise.reject(new Error('nothing is lost here')) }),
    limits: { capBytes: 1000 },
    concurrency,
    zones: () => ({ except: [] }),
    leaseMs: 15_000,
    onChange: () => {},
    log: { error: (details, message) => console.error(message, details) },
  });
  worker.start();
  started.push(worker);
  return worker;
}

const stateOf = async (runId: string) => (await runs.get(store.db.knex, runId)).state;

it('one wake-up is enough to bring a large run to every process with room', async () => {
  const { db, sealer } = store;
  const gate = Promise.withResolvers<void>();
  const workers = [startWorker(20, gate.promise), startWorker(20, gate.promise), startWorker(20, gate.promise)];
  const runId = await insertRun(db, sealer, 200, 200);
  queue.wake(runId, 'main');
  await expect.poll(() => workers.map((worker) => worker.stats().hosts)).toEqual([20, 20, 20]);
  gate.resolve();
  await expect.poll(() => stateOf(runId), { timeout: 10_000 }).toBe('succeeded');
});

it('an abort reaches every process that works on the run, also those without room', async () => {
  const { db, sealer } = store;
  const never = new Promise<void>(() => {});
  const workers = [startWorker(5, never), startWorker(5, never)];
  const runId = await insertRun(db, sealer, 20, 20);
  queue.wake(runId, 'main');
  await expect.poll(() => workers.map((worker) => worker.stats().hosts)).toEqual([5, 5]);
  await expect.poll(async () => (await runs.get(db.knex, runId)).counts.running).toBe(10);
  const service = createRunService({
    db,
    plans: null as never,
    runs,
    inventory: null as never,
    modules: null as never,
  });
  await db.transaction((tx) => service.abort(tx, { runId, graceMs: 1000 }));
  bus.publish(`control:${runId}`);
  await expect.poll(() => stateOf(runId)).toBe('aborted');
  expect((await runs.get(db.knex, runId)).counts).toMatchObject({ aborted: 10, not_started: 10 });
});
