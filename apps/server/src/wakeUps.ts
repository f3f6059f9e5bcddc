import { type Bus, createLocalBus } from './bus/bus.ts';
import { createLocalQueue, type Queue } from './queue/queue.ts';
import type { RedisLog, RedisSettings } from './redis.ts';

export interface WakeUps {
  bus: Bus;
  queue: Queue;
  close(): Promise<void>;
}

/** Bus and queue: of this process alone, or on Redis for several. Waits for nothing: Redis may come later. */
export async function openWakeUps(redis: RedisSettings | null, log: RedisLog): Promise<WakeUps> {
  const { bus, queue } = redis ? await onRedis(redis, log) : { bus: createLocalBus(), queue: createLocalQueue() };
  return {
    bus,
    queue,
    async close() {
      await queue.close();
      await bus.close();
    },
  };
}

/** Loaded only here: BullMQ takes its time to load. */
async function onRedis(redis: RedisSettings, log: RedisLog): Promise<{ bus: Bus; queue: Queue }> {
  const [{ createRedisBus }, { createRedisQueue }] = await Promise.all([
    import('./bus/redisBus.ts'),
    import('./queue/redisQueue.ts'),
  ]);
  return { bus: createRedisBus({ redis, log }), queue: createRedisQueue({ redis, log }) };
}
