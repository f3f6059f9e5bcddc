import { randomUUID } from 'node:crypto';
import { connectRedis, createRedisReports, type RedisLog, type RedisSettings } from '../redis.ts';
import { type Bus, createLocalBus, isTopic, type Topic } from './bus.ts';

/** Topics that wait for the message before them to leave; past this they are left to the sweep. */
const maxPending = 10_000;
const maxTopics = 100;
const maxLength = 100 + maxTopics * 60;
const pingMs = 10_000;

/**
 * The bus of several processes, by Redis pub/sub on one channel. A message is the sender's mark and the topics, joined
 * by spaces. Inside the process everything is delivered at once and without Redis.
 */
export function createRedisBus({ redis, log }: { redis: RedisSettings; log: RedisLog }): Bus {
  const local = createLocalBus();
  const mark = randomUUID();
  const channel = `${redis.prefix}:bus`;
  const pending = new Set<Topic>();
  let sending = false;
  let closed = false;
  const reports = createRedisReports(log, 'bus');
  const failed = (error: unknown) => {
    if (!closed) reports.failed(error);
  };
  const sender = connectRedis(redis, 'fail', failed);
  const receiver = connectRedis(redis, 'wait', failed);

  receiver.on('ready', () => {
    reports.answers();
    // What was said since the connection broke is lost; who listens looks for itself.
    void receiver.subscribe(channel).then(local.publishAll, failed);
  });
  receiver.on('message', (_channel, message) => {
    for (const topic of topicsFromOthers(message)) local.publish(topic);
  });
  // A connection that only listens would not notice that the other side vanished without a word.
  const pinging = setInterval(() => {
    if (receiver.status === 'ready') receiver.ping().catch(failed);
  }, pingMs);
  pinging.unref();

  function topicsFromOthers(message: string): Topic[] {
    if (message.length > maxLength) return [];
    const [from, ...topics] = message.split(' ');
    return from === mark ? [] : topics.filter(isTopic);
  }

  /** While one message is under way the next one collects. */
  async function send(): Promise<void> {
    sending = true;
    while (pending.size > 0) {
      const topics = [...pending.keys().take(maxTopics)];
      for (const topic of topics) pending.delete(topic);
      await sender.publish(channel, [mark, ...topics].join(' ')).catch(failed);
    }
    sending = false;
  }

  return {
    publish(topic) {
      local.publish(topic);
      if (closed || sender.status !== 'ready' || pending.size >= maxPending) return;
      pending.add(topic);
      if (!sending) void send();
    },
    subscribe: local.subscribe,
    async close() {
      closed = true;
      clearInterval(pinging);
      pending.clear();
      await local.close();
      sender.disconnect();
      receiver.disconnect();
    },
  };
}
