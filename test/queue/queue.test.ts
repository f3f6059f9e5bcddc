import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queue } from '../../apps/server/src/queue/queue.ts';
import { waitFor } from '../lab/wait.ts';
import { createTaker, queues, type TestQueues } from './queues.ts';

/** What both queues do. What only Redis can (dying, coming back) stands in redisQueue.test.ts. */
describe.each(queues)('queue: $name', ({ missing, start }) => {
  describe.skipIf(missing)('', () => {
    let site: TestQueues;
    let queue: Queue;
    beforeEach(async () => {
      site = await start();
      queue = site.open();
      await waitFor('the queue is connected', () => queue.counts().connected);
    });
    afterEach(() => site.close());

    const waiting = async (lane: string) => (await queue.stats()).find((one) => one.lane === lane)?.waiting ?? 0;
    const untilWaiting = (count: number, lane = 'main') =>
      waitFor(`${count} wait in ${lane}`, async () => (await waiting(lane)) === count);

    it('brings a wake-up to the consumer, later and not within wake', async () => {
      const { taken } = createTaker(queue, 'main');
      const id = uuid();
      queue.wake(id, 'main');
      expect(taken).toEqual([]);
      await waitFor('it is taken', () => taken.length === 1);
      expect(taken).toEqual([id]);
      await untilWaiting(0);
      expect(queue.counts()).toMatchObject({ connected: true, dropped: 0, taken: 1 });
    });

    it('keeps what comes while nobody consumes, once for each run, and gives it in order', async () => {
      const ids = [uuid(), uuid(), uuid()];
      for (const id of ids) {
        queue.wake(id, 'main');
        await waitFor('it waits', async () => (await waiting('main')) === ids.indexOf(id) + 1);
      }
      for (const id of ids) for (let again = 0; again < 5; again++) queue.wake(id, 'main');
      await waitFor('all were sent', () => queue.counts().sent === 18);
      await untilWaiting(3);
      const { taken } = createTaker(queue, 'main');
      await waitFor('all are taken', () => taken.length === 3);
      expect(taken).toEqual(ids);
      await untilWaiting(0);
    });

    it('takes a run again that is woken after it was taken', async () => {
      const { taken } = createTaker(queue, 'main');
      const id = uuid();
      for (let round = 1; round <= 5; round++) {
        queue.wake(id, 'main');
        await waitFor('it is taken', () => taken.length === round);
      }
      expect(new Set(taken)).toEqual(new Set([id]));
    });

    it('loses no wake-up that comes from within a take', async () => {
      const id = uuid();
      let takes = 0;
      queue.consume('main', {
        room: () => true,
        take(runId) {
          takes++;
          if (takes < 20) queue.wake(runId, 'main');
        },
      });
      queue.wake(id, 'main');
      await waitFor('it was taken 20 times', () => takes === 20);
    });

    it('gives nothing to a consumer without room until it is ready', async () => {
      const taker = createTaker(queue, 'main', 2);
      const ids = Array.from({ length: 5 }, () => uuid());
      for (const id of ids) queue.wake(id, 'main');
      await waitFor('two are taken', () => taker.taken.length === 2);
      await untilWaiting(3);
      taker.free(1);
      await waitFor('three are taken', () => taker.taken.length === 3);
      await untilWaiting(2);
      taker.free(10);
      await waitFor('all are taken', () => taker.taken.length === 5);
      expect(new Set(taker.taken)).toEqual(new Set(ids));
    });

    it('has a consumer without room at the start', async () => {
      const taker = createTaker(queue, 'main', 0);
      queue.wake(uuid(), 'main');
      await untilWaiting(1);
      taker.free(1);
      await waitFor('it is taken', () => taker.taken.length === 1);
    });

    it('shares out among consumers of several processes that have room', async () => {
      const full = createTaker(site.open(), 'main', 0);
      const one = createTaker(site.open(), 'main', 10);
      const two = createTaker(site.open(), 'main', 10);
      const ids = Array.from({ length: 20 }, () => uuid());
      for (const id of ids) queue.wake(id, 'main');
      await waitFor('all are taken', () => one.taken.length + two.taken.length === 20);
      expect(new Set([...one.taken, ...two.taken])).toEqual(new Set(ids));
      expect([one.taken.length, two.taken.length]).toEqual([10, 10]);
      expect(full.taken).toEqual([]);
    });

    it('wakes one of several waiting consumers after the other', async () => {
      const takers = [createTaker(site.open(), 'main'), createTaker(site.open(), 'main')];
      const total = () => takers.reduce((sum, { taken }) => sum + taken.length, 0);
      const id = uuid();
      for (let round = 1; round <= 10; round++) {
        queue.wake(id, 'main');
        await waitFor('one took it', () => total() === round);
      }
      for (const { taken } of takers) expect(taken.length).toBeGreaterThan(0);
    });

    it('keeps lanes apart', async () => {
      const zone = uuid();
      const main = createTaker(queue, 'main');
      const id = uuid();
      queue.wake(id, zone);
      queue.wake(id, 'main');
      await waitFor('main is taken', () => main.taken.length === 1);
      await untilWaiting(1, zone);
      const remote = createTaker(queue, zone);
      await waitFor('the zone is taken', () => remote.taken.length === 1);
      expect([main.taken, remote.taken]).toEqual([[id], [id]]);
    });

    it('gives nothing to a consumer that was stopped, and loses nothing', async () => {
      const first = createTaker(queue, 'main');
      queue.wake(uuid(), 'main');
      await waitFor('one is taken', () => first.taken.length === 1);
      await first.stop();
      await first.stop();
      queue.wake(uuid(), 'main');
      await untilWaiting(1);
      expect(first.taken.length).toBe(1);
      const second = createTaker(queue, 'main');
      await waitFor('the other took it', () => second.taken.length === 1);
    });

    it('gives up what comes after it was closed', async () => {
      await queue.close();
      queue.wake(uuid(), 'main');
      expect(queue.counts().dropped).toBe(1);
      await queue.close();
    });
  });
});
