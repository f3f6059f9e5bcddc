import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queue } from '../../apps/server/src/queue/queue.ts';
import { createRedisQueue } from '../../apps/server/src/queue/redisQueue.ts';
import { has } from '../lab/have.ts';
import { openSockets } from '../lab/processes.ts';
import { type LabRedis, startRedis } from '../lab/redis.ts';
import { waitFor } from '../lab/wait.ts';
import { createTaker, quiet } from './queues.ts';

/** What both queues do stands in queue.test.ts. */
describe.skipIf(!has('redis'))('queue on Redis', () => {
  let server: LabRedis;
  const prefix = 'om';
  const opened: Queue[] = [];
  const open = (log = quiet): Queue => {
    const queue = createRedisQueue({ redis: { url: server.url, prefix }, log });
    opened.push(queue);
    return queue;
  };
  const connected = (queue: Queue) => waitFor('the queue is connected', () => queue.counts().connected);
  const away = (queue: Queue) => waitFor('the queue noticed', () => !queue.counts().connected);

  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
    await server.stop();
  });

  /** Wakes until it is taken: what is woken in the moment of a reconnection may be lost. */
  async function passes(queue: Queue, taker: { taken: string[] }): Promise<void> {
    const id = uuid();
    await waitFor('wake-ups pass', () => {
      queue.wake(id, 'main');
      return taker.taken.includes(id);
    });
  }

  it('goes on by itself after Redis was killed and started again', async () => {
    const lines: string[] = [];
    const write = (_details: object, message: string) => void lines.push(message);
    const queue = open({ info: write, warn: write });
    const taker = createTaker(queue, 'main');
    await connected(queue);
    await passes(queue, taker);
    for (let round = 0; round < 2; round++) {
      await server.kill9();
      await away(queue);
      const before = queue.counts().dropped;
      for (let n = 0; n < 100; n++) queue.wake(uuid(), 'main');
      expect(queue.counts().dropped).toBe(before + 100);
      expect(await queue.stats()).toEqual([]);
      await waitFor('it is in the log', () => lines.length === 2 * round + 1);
      await server.restart();
      await connected(queue);
      await passes(queue, taker);
    }
    const [gone, back] = ['trouble with Redis: runs go on by sweeping the database', 'Redis answers again'];
    expect(lines).toEqual([gone, back, gone, back]);
  });

  it('keeps what waits when Redis is killed, and a consumer that was away finds it', async () => {
    const queue = open();
    await connected(queue);
    const ids = [uuid(), uuid()];
    for (const id of ids) queue.wake(id, 'main');
    await waitFor('both wait', async () => (await queue.stats())[0]?.waiting === 2);
    await server.kill9();
    const consumer = open();
    const taker = createTaker(consumer, 'main');
    await server.restart();
    await waitFor('both are taken', () => taker.taken.length === 2);
    expect(new Set(taker.taken)).toEqual(new Set(ids));
  });

  it('goes on when Redis has forgotten everything', async () => {
    const queue = open();
    const taker = createTaker(queue, 'main');
    await connected(queue);
    await passes(queue, taker);
    await server.command('FLUSHALL');
    await passes(queue, taker);
  });

  it('may be opened, used and closed while Redis is away, and leaves nothing behind', async () => {
    await server.kill9();
    const before = openSockets();
    const queue = open();
    const takers = [createTaker(queue, 'main'), createTaker(queue, uuid())];
    for (let n = 0; n < 5000; n++) queue.wake(uuid(), 'main');
    expect(queue.counts()).toEqual({ connected: false, sent: 0, dropped: 5000, taken: 0 });
    await takers[0]?.stop();
    await closesQuickly(queue);
    await waitFor('all sockets are closed', () => openSockets() <= before);
  });

  it('is closed quickly when Redis went away or does not answer', async () => {
    const before = openSockets();
    for (const leave of [() => server.kill9(), () => server.command('CLIENT', 'PAUSE', '20000', 'ALL')]) {
      const queue = open();
      const taker = createTaker(queue, 'main');
      await connected(queue);
      await passes(queue, taker);
      await leave();
      queue.wake(uuid(), 'main');
      await closesQuickly(queue);
      await server.kill9();
      await server.restart();
    }
    await waitFor('all sockets are closed', () => openSockets() <= before);
  });

  /** Far below what any timeout in it would take. */
  async function closesQuickly(queue: Queue): Promise<void> {
    const late = AbortSignal.timeout(2000);
    await queue.close();
    expect(late.aborted).toBe(false);
  }

  it('gives up wake-ups past its bound, and never waits, while Redis does not answer', async () => {
    const queue = open();
    const taker = createTaker(queue, 'main');
    await connected(queue);
    await passes(queue, taker);
    await server.command('CLIENT', 'PAUSE', '5000', 'ALL');
    for (let n = 0; n < 3000; n++) queue.wake(uuid(), 'main');
    expect(queue.counts().dropped).toBeGreaterThanOrEqual(2000);
    expect(await queue.stats()).toEqual([]);
    await passes(queue, taker);
  });

  it('brings back what a process had fetched when it died', async () => {
    const queue = open();
    await connected(queue);
    const id = uuid();
    queue.wake(id, 'main');
    await waitFor('it waits', async () => (await queue.stats())[0]?.waiting === 1);
    await server.command('LMOVE', `${prefix}:lane-main:wait`, `${prefix}:lane-main:active`, 'RIGHT', 'LEFT');
    // For the moment its wake-ups are swallowed; the sweep makes up for that.
    queue.wake(id, 'main');
    const taker = createTaker(queue, 'main');
    await waitFor('it comes again', () => taker.taken.length > 0, 20_000);
    expect(taker.taken).toEqual([id]);
    await passes(queue, taker);
  });

  it('is not moved by what is forged', async () => {
    const queue = open();
    const taker = createTaker(queue, 'main');
    await connected(queue);
    await passes(queue, taker);
    const known = [...taker.taken];
    const key = (name: string) => `${prefix}:lane-main:${name}`;
    const forge = async (id: string, ...fields: string[]) => {
      await server.command('HSET', key(id), ...fields);
      await server.command('LPUSH', key('wait'), id);
      await server.command('ZADD', key('marker'), '0', '0');
    };
    await forge("1; drop table runs; --'", 'name', 'x', 'data', '{}', 'opts', '{}', 'timestamp', '1');
    await forge('not-json', 'name', 'x', 'data', '{', 'opts', '{}', 'timestamp', '1');
    await forge(uuid(), 'name', 'x', 'data', '{}', 'opts', '{', 'timestamp', '1');
    await forge(uuid(), 'name', 'x', 'data', '{"__proto__":1}', 'opts', '{}', 'rjk', 'a:b:c:d:e', 'timestamp', '1');
    await server.command('LPUSH', key('wait'), 'nobody');
    await server.command('PUBLISH', key('events'), 'x');
    await server.command('SET', key('wait-x'), 'x');
    await waitFor('nothing waits', async () => (await queue.stats())[0]?.waiting === 0, 30_000);
    await passes(queue, taker);
    for (const id of taker.taken) if (!known.includes(id)) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('does not spin when somebody limits the rate of a lane', async () => {
    const queue = open();
    await connected(queue);
    await server.command('HSET', `${prefix}:lane-main:meta`, 'max', '1', 'duration', '3600000');
    await server.command('SET', `${prefix}:lane-main:limiter`, '1', 'PX', '3600000');
    const taker = createTaker(queue, 'main');
    for (let n = 0; n < 50; n++) queue.wake(uuid(), 'main');
    // The event loop is free, or these would not go on.
    await waitFor('50 were sent', () => queue.counts().sent === 50);
    expect(taker.taken.length).toBeLessThan(2);
  });

  it('keeps OManagers with different prefixes apart', async () => {
    const queue = open();
    const other = createRedisQueue({ redis: { url: server.url, prefix: 'other' }, log: quiet });
    opened.push(other);
    const [taker, others] = [createTaker(queue, 'main'), createTaker(other, 'main')];
    await connected(queue);
    await passes(queue, taker);
    expect(others.taken).toEqual([]);
  });

  it('leaves nothing but small facts about lanes in Redis', async () => {
    const queue = open();
    const taker = createTaker(queue, 'main');
    await connected(queue);
    for (let n = 0; n < 20; n++) await passes(queue, taker);
    await waitFor('nothing waits', async () => (await queue.stats())[0]?.waiting === 0);
    const keys = String(await server.command('KEYS', '*')).split(',');
    expect(keys.length).toBeLessThan(8);
    for (const one of keys) expect(one).toMatch(/^om:lane-main:[a-z-]+$/);
  });
});
