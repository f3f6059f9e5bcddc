import type { HostState, RunEvent } from '@omanager/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLocalBus } from '../../../bus/bus.ts';
import { createRunStore } from '../store.ts';
import { insertRun, openTestStore } from '../testing.ts';
import { createRunStreams } from './streams.ts';

let store: Awaited<ReturnType<typeof openTestStore>>;
const runs = createRunStore();
const bus = createLocalBus();
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const openStreams = () => createRunStreams({ db: store.db, bus, runs });

/** One committed change, as a worker makes them: the revision first, then the hosts. */
async function change(runId: string, ordinals: readonly number[], state: HostState, ends = false): Promise<void> {
  await store.db.transaction(async (tx) => {
    await tx('runs').where({ id: runId }).increment('revision', 1);
    const { revision } = await tx('runs').where({ id: runId }).first('revision');
    await tx('run_hosts').where({ run_id: runId }).whereIn('ordinal', ordinals).update({ state, revision });
    if (ends) await tx('runs').where({ id: runId }).update({ state: 'failed' });
  });
  bus.publish(`run:${runId}`);
}

const statesInStore = async (runId: string): Promise<Map<number, string>> => {
  const rows: { ordinal: number; state: string }[] = await store.db.knex('run_hosts').where({ run_id: runId });
  return new Map(rows.map(({ ordinal, state }) => [ordinal, state]));
};

it('tells every host of a large run once, in events of a bounded size', async () => {
  const runId = await insertRun(store.db, store.sealer, 4800);
  await change(runId, [0], 'failed', true);
  const events: RunEvent[] = [];
  const watched = openStreams().watch({ runId, after: 0, hosts: true, stay: false }, AbortSignal.timeout(20_000));
  for await (const event of watched) events.push(event);
  const told = events.flatMap(({ hosts }) => hosts.map(({ ordinal }) => ordinal));
  expect(Math.max(...events.map(({ hosts }) => hosts.length))).toBeLessThanOrEqual(500);
  expect(told).toHaveLength(4800);
  expect(new Set(told).size).toBe(4800);
  // Who resumes from an event before the last gets what was not in it yet.
  expect(events.map(({ revision }) => revision)).toEqual([...Array(9).fill(0), 2]);
});

it('tells all followers of the same moment the same event, read once for all of them', async () => {
  const runId = await insertRun(store.db, store.sealer, 50);
  const { watch } = openStreams();
  let reads = 0;
  store.db.knex.on('query', ({ sql }: { sql: string }) => {
    if (/from .run_hosts./.test(sql)) reads++;
  });
  const stop = new AbortController();
  const followers = Array.from({ length: 20 }, () =>
    watch({ runId, after: 0, hosts: true, stay: false }, stop.signal)[Symbol.asyncIterator](),
  );
  const next = async () => (await Promise.all(followers.map((follower) => follower.next()))).map(({ value }) => value);
  const first = await next();
  expect(new Set(first).size).toBe(1);
  const waiting = next();
  await change(runId, [3], 'ok');
  const second = await waiting;
  expect(new Set(second).size).toBe(1);
  expect(second[0]?.hosts.map(({ ordinal }: { ordinal: number }) => ordinal)).toEqual([3]);
  expect(reads).toBe(2);
  stop.abort();
});

it('loses no change, however followers dawdle, come back and come late', { timeout: 120_000 }, async () => {
  const steps = fc.array(
    fc.record({
      ordinals: fc.uniqueArray(fc.nat(29), { minLength: 1, maxLength: 20 }),
      state: fc.constantFrom<HostState>('connecting', 'running', 'ok', 'failed'),
    }),
    { minLength: 1, maxLength: 12 },
  );
  // After so many events a follower is cut off and comes back with what it has; `lazy` ones let a change pass between events.
  const followers = fc.array(fc.record({ cutAfter: fc.integer({ min: 1, max: 5 }), lazy: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(steps, followers, async (changes, habits) => {
      const runId = await insertRun(store.db, store.sealer, 30);
      const { watch } = openStreams();
      const signal = AbortSignal.timeout(30_000);
      let passed = Promise.withResolvers<void>();
      const follow = async ({ cutAfter, lazy }: (typeof habits)[number]) => {
        const seen = new Map<number, string>();
        let after = 0;
        for (let over = false; !over; ) {
          let left = cutAfter;
          let event: RunEvent | undefined;
          for await (event of watch({ runId, after, hosts: true, stay: false }, signal)) {
            expect(event.revision).toBeGreaterThanOrEqual(after);
            after = event.revision;
            for (const { ordinal, state } of event.hosts) seen.set(ordinal, state);
            over = event.run.state === 'failed' && after >= event.run.revision;
            if (lazy && !over) await passed.promise;
            if (--left === 0 && !over) break;
          }
          expect(signal.aborted).toBe(false);
        }
        return seen;
      };
      const followed = Promise.all(habits.map(follow));
      for (const [i, { ordinals, state }] of changes.entries()) {
        await change(runId, ordinals, state, i === changes.length - 1);
        passed.resolve();
        passed = Promise.withResolvers();
      }
      passed.resolve();
      const truth = await statesInStore(runId);
      for (const seen of await followed) expect(seen).toEqual(truth);
    }),
    { numRuns: 15 },
  );
});
