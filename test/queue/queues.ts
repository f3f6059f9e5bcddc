import { randomUUID } from 'node:crypto';
import type { Lane, Queue } from '../../apps/server/src/queue/queue.ts';
import { createLocalQueue } from '../../apps/server/src/queue/queue.ts';
import { createRedisQueue } from '../../apps/server/src/queue/redisQueue.ts';
import type { RedisLog } from '../../apps/server/src/redis.ts';
import { has } from '../lab/have.ts';
import { startRedis } from '../lab/redis.ts';

export interface TestQueues {
  /** The queue as one more process of the same OManager would open it; the embedded one has a single process. */
  open(): Queue;
  close(): Promise<void>;
}

export const quiet: RedisLog = { info() {}, warn() {} };

/** The queues that the shared suite runs on: the same behaviour is asked of each. */
export const queues: readonly { name: string; missing: boolean; start(): Promise<TestQueues> }[] = [
  { name: 'embedded', missing: false, start: startLocal },
  { name: 'Redis', missing: !has('redis'), start: startOnRedis },
];

async function startLocal(): Promise<TestQueues> {
  const queue = createLocalQueue();
  return { open: () => queue, close: () => queue.close() };
}

async function startOnRedis(): Promise<TestQueues> {
  const server = await startRedis();
  const opened: Queue[] = [];
  const prefix = `om-${randomUUID().slice(0, 8)}`;
  return {
    open() {
      const queue = createRedisQueue({ redis: { url: server.url, prefix }, log: quiet });
      opened.push(queue);
      return queue;
    },
    async close() {
      await Promise.all(opened.map((queue) => queue.close()));
      await server.stop();
    },
  };
}

/** A consumer that writes down what it took, and has room until it took `slots` runs. */
export function createTaker(queue: Queue, lane: Lane, slots = Number.POSITIVE_INFINITY) {
  const taken: string[] = [];
  let free = slots;
  const { ready, stop } = queue.consume(lane, {
    room: () => free > 0,
    take(runId) {
      if (free <= 0) throw new Error('a run was taken without room');
      free--;
      taken.push(runId);
    },
  });
  return {
    taken,
    stop,
    /** Room for more. */
    free(slotsMore: number) {
      free += slotsMore;
      ready();
    },
  };
}
