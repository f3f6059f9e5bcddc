import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, createLocalBus, createWaiter, type Topic } from '../../apps/server/src/bus/bus.ts';
import { createRedisBus } from '../../apps/server/src/bus/redisBus.ts';
import { has } from '../lab/have.ts';
import { openSockets } from '../lab/processes.ts';
import { type LabRedis, startRedis } from '../lab/redis.ts';
import { waitFor } from '../lab/wait.ts';
import { quiet } from './queues.ts';

const runTopic = (): Topic => `run:${uuid()}`;

/** How often a topic was heard. */
function listen(bus: Bus, topic: Topic) {
  const heard = { times: 0, stop: () => {} };
  heard.stop = bus.subscribe(topic, () => void heard.times++);
  return heard;
}

describe.each([
  { name: 'embedded', missing: false, start: async () => ({ bus: createLocalBus(), stop: async () => {} }) },
  {
    name: 'Redis',
    missing: !has('redis'),
    async start() {
      const server = await startRedis();
      return {
        bus: createRedisBus({ redis: { url: server.url, prefix: 'om' }, log: quiet }),
        stop: () => server.stop(),
      };
    },
  },
])('bus: $name', ({ missing, start }) => {
  describe.skipIf(missing)('', () => {
    let bus: Bus;
    let stop: () => Promise<void>;
    beforeEach(async () => {
      ({ bus, stop } = await start());
    });
    afterEach(async () => {
      await bus.close();
      await stop();
    });

    it('calls every listener of a topic of this process at once, and no other', () => {
      const [topic, other] = [runTopic(), runTopic()];
      const heard = [listen(bus, topic), listen(bus, topic)];
      const unrelated = listen(bus, other);
      bus.publish(topic);
      expect(heard.map(({ times }) => times)).toEqual([1, 1]);
      heard[0]?.stop();
      heard[0]?.stop();
      bus.publish(topic);
      bus.publish('audit');
      expect(heard.map(({ times }) => times)).toEqual([1, 2]);
      expect(unrelated.times).toBe(0);
    });

    it('lets a reader that reads and then waits miss nothing', async () => {
      const topic = runTopic();
      using news = createWaiter(bus, topic, new AbortController().signal, 60_000);
      bus.publish(topic);
      await news.wait();
      const waiting = news.wait();
      bus.publish(topic);
      await waiting;
    });
  });
});

describe.skipIf(!has('redis'))('bus on Redis', () => {
  let server: LabRedis;
  const opened: Bus[] = [];
  const open = (prefix = 'om'): Bus => {
    const bus = createRedisBus({ redis: { url: server.url, prefix }, log: quiet });
    opened.push(bus);
    return bus;
  };
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bus) => bus.close()));
    await server.stop();
  });

  /** Until what one says is heard by the other. */
  async function passes(from: Bus, to: Bus): Promise<void> {
    const topic = runTopic();
    const heard = listen(to, topic);
    await waitFor('messages pass', () => {
      if (heard.times === 0) from.publish(topic);
      return heard.times > 0;
    });
    heard.stop();
  }

  it('reaches the other processes, and is not echoed', async () => {
    const [one, two, three] = [open(), open(), open()];
    await passes(one, two);
    await passes(two, one);
    await passes(one, three);
    const topics = [runTopic(), `control:${uuid()}` as const, 'audit' as const];
    for (const topic of topics) {
      const [own, others] = [listen(one, topic), [listen(two, topic), listen(three, topic)]];
      one.publish(topic);
      await waitFor('the others heard it', () => others.every(({ times }) => times === 1));
      await passes(one, two);
      expect(own.times).toBe(1);
    }
  });

  it('merges what is said in a burst, and brings every topic of it', async () => {
    const [one, two] = [open(), open()];
    await passes(one, two);
    const heard = Array.from({ length: 1000 }, () => runTopic()).map((topic) => ({ topic, ...at(two, topic) }));
    for (let again = 0; again < 5; again++) for (const { topic } of heard) one.publish(topic);
    await waitFor('all were heard', () => heard.every(({ count }) => count() > 0));
    // The first may leave before the second is said.
    expect(heard.reduce((sum, { count }) => sum + count(), 0)).toBeLessThanOrEqual(1001);
  });
  const at = (bus: Bus, topic: Topic) => {
    const heard = listen(bus, topic);
    return { count: () => heard.times };
  };

  it('ignores what is forged or malformed', async () => {
    const [one, two] = [open(), open()];
    await passes(one, two);
    const topic = runTopic();
    const heard = listen(two, topic);
    const forged = [
      '',
      ' ',
      'x',
      topic,
      'x run:',
      `x ${topic}x`,
      `x stop:${uuid()}`,
      `x ${topic.toUpperCase()}`,
      `{"topic":"${topic}"}`,
      `x ${topic} `.repeat(1000),
      '\0\u001b[2J',
    ];
    for (const message of forged) await server.command('PUBLISH', 'om:bus', message);
    await server.command('PUBLISH', 'om:buses', `x ${topic}`);
    await passes(one, two);
    expect(heard.times).toBe(0);
    // Whoever may write there may wake a reader, no more.
    await server.command('PUBLISH', 'om:bus', `x ${topic}`);
    await waitFor('it is woken', () => heard.times === 1);
  });

  it('keeps OManagers with different prefixes apart', async () => {
    const [one, two, other] = [open(), open(), open('other')];
    await passes(one, two);
    await passes(open('other'), other);
    const heard = listen(other, 'audit');
    one.publish('audit');
    await passes(one, two);
    expect(heard.times).toBe(0);
  });

  it('goes on inside the process while Redis is away, and wakes every reader when it is back', async () => {
    const [one, two] = [open(), open()];
    await passes(one, two);
    const topic = runTopic();
    const [own, others] = [listen(one, topic), listen(two, topic)];
    await server.kill9();
    for (let n = 1; n <= 20_000; n++) one.publish(topic);
    // A connection that was made meanwhile wakes every reader once more: a wake-up may come twice.
    expect(own.times).toBeGreaterThanOrEqual(20_000);
    await server.restart();
    await waitFor('readers look for what they missed', () => others.times > 0);
    await passes(one, two);
    await passes(two, one);
  });

  it('is closed quickly while Redis is away or does not answer, and leaves nothing behind', async () => {
    const before = openSockets();
    for (const leave of [() => server.kill9(), () => server.command('CLIENT', 'PAUSE', '20000', 'ALL')]) {
      const [one, two] = [open(), open()];
      await passes(one, two);
      await leave();
      const late = AbortSignal.timeout(2000);
      one.publish('audit');
      await Promise.all([one.close(), two.close()]);
      expect(late.aborted).toBe(false);
      await server.kill9();
      await server.restart();
    }
    await waitFor('all sockets are closed', () => openSockets() <= before);
  });
});
