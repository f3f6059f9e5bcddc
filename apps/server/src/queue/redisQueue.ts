import { randomUUID } from 'node:crypto';
import { Queue as BullQueue, Worker as BullWorker } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectRedis, createRedisReports, type RedisLog, type RedisSettings } from '../redis.ts';
import type { Consumer, Consumption, Lane, Queue } from './queue.ts';
import { takeJobs } from './takeJobs.ts';

/** Wake-ups on their way to Redis; past this they are left to the sweep. */
const maxInFlight = 1000;
const maxLanes = 1000;
/** Nobody may ever consume a lane, so what waits longer is removed: its consumers have swept long ago. */
const keepMs = 3_600_000;
const cleanEveryMs = 600_000;

const isLane = (text: string) => /^[\w-]{1,64}$/.test(text);
const isRunId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/**
 * The queue of several processes: one BullMQ queue for each lane, in it at most one job for each run, named by the
 * run's id and empty otherwise.
 */
export function createRedisQueue({ redis, log }: { redis: RedisSettings; log: RedisLog }): Queue {
  const reports = createRedisReports(log, 'queue');
  let closed = false;
  const failed = (error: unknown) => {
    if (!closed) reports.failed(error);
  };
  const producer = connectRedis(redis, 'fail', failed);
  producer.on('ready', reports.answers);
  // Each consumer has a connection of its own beside it, to wait on.
  let shared: Redis | undefined;
  const lanes = new Map<Lane, BullQueue>();
  const consumptions = new Set<Consumption>();
  let inFlight = 0;
  let sent = 0;
  let dropped = 0;
  let taken = 0;
  const cleaning = setInterval(() => void clean().catch(failed), cleanEveryMs);
  cleaning.unref();

  const nameOf = (lane: Lane) => `lane-${lane}`;

  function queueOf(lane: Lane): BullQueue | undefined {
    const known = lanes.get(lane);
    if (known) return known;
    if (lanes.size >= maxLanes || !isLane(lane)) return undefined;
    const queue = new BullQueue(nameOf(lane), {
      connection: producer,
      prefix: redis.prefix,
      skipVersionCheck: true,
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    queue.on('error', failed);
    lanes.set(lane, queue);
    return queue;
  }

  function wake(runId: string, lane: Lane): void {
    const able = !closed && producer.status === 'ready' && inFlight < maxInFlight && isRunId(runId);
    const queue = able ? queueOf(lane) : undefined;
    if (!queue) {
      dropped++;
      return;
    }
    inFlight++;
    void queue
      .add('wake', {}, { jobId: runId })
      .then(
        () => sent++,
        (error: unknown) => {
          dropped++;
          failed(error);
        },
      )
      .finally(() => inFlight--);
  }

  function consume(lane: Lane, consumer: Consumer): Consumption {
    queueOf(lane);
    shared ??= connectRedis(redis, 'wait', failed);
    const worker = new BullWorker(nameOf(lane), null, {
      connection: shared,
      prefix: redis.prefix,
      skipVersionCheck: true,
      autorun: false,
      drainDelay: 5,
      // A job is ours for the moment between fetching and removing it.
      lockDuration: 5000,
      stalledInterval: 5000,
    });
    worker.on('error', failed);
    // What a process had fetched when it died waits again, else its id would swallow the run's wake-ups for ever.
    void worker.startStalledCheckTimer().catch(failed);
    const taking = takeJobs({
      next: () => worker.getNextJob(randomUUID()),
      room: () => consumer.room(),
      take(runId) {
        if (!isRunId(runId)) return;
        // Since it was fetched the room may have gone.
        if (closed || !consumer.room()) return wake(runId, lane);
        taken++;
        consumer.take(runId);
      },
      giveBack: (runId) => wake(runId, lane),
      failed,
    });
    const consumption: Consumption = {
      ready: taking.ready,
      async stop() {
        taking.stop();
        consumptions.delete(consumption);
        await worker.close(true).catch(failed);
      },
    };
    consumptions.add(consumption);
    return consumption;
  }

  async function clean(): Promise<void> {
    if (producer.status !== 'ready') return;
    for (const queue of lanes.values()) await queue.clean(keepMs, 1000, 'wait');
  }

  return {
    wake,
    consume,
    async stats() {
      if (producer.status !== 'ready') return [];
      const counted = [...lanes].map(async ([lane, queue]) => ({ lane, waiting: await queue.getWaitingCount() }));
      return Promise.all(counted).catch(() => []);
    },
    counts: () => ({ connected: producer.status === 'ready', sent, dropped, taken }),
    async close() {
      closed = true;
      clearInterval(cleaning);
      await Promise.all([...consumptions].map((consumption) => consumption.stop()));
      await Promise.all([...lanes.values()].map((queue) => queue.close().catch(failed)));
      producer.disconnect();
      shared?.disconnect();
    },
  };
}
