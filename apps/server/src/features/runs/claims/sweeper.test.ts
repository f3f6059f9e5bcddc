import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSweeper, type Sweeper } from './sweeper.ts';

const leaseMs = 10_000;
let sweeper: Sweeper;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  sweeper.stop();
  vi.useRealTimers();
});

/** A store that answers or not, and holds one run whose lease has ended. */
function startSweeper(embedded = false) {
  const store = {
    away: false,
    hangs: undefined as PromiseWithResolvers<void> | undefined,
    takenBack: 0,
    ended: 0,
    errors: 0,
  };
  const ask = async () => {
    await store.hangs?.promise;
    if (store.away) throw new Error('the database is away');
  };
  sweeper = createSweeper({
    claims: {
      expired: () => ask().then(() => ['run']),
      takeBack: () => ask().then(() => ++store.takenBack),
      endAllLeases: () => ask().then(() => void store.ended++),
    },
    embedded,
    leaseMs,
    onChange: () => {},
    log: { error: () => store.errors++ },
  });
  return store;
}

it('takes nothing back before the database has answered for a whole lease', async () => {
  const store = startSweeper();
  await sweeper.start();
  await vi.advanceTimersByTimeAsync(leaseMs - 1);
  expect(store.takenBack).toBe(0);
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.takenBack).toBe(1);
});

it('begins to wait anew when the database was away', async () => {
  const store = startSweeper();
  await sweeper.start();
  await vi.advanceTimersByTimeAsync(leaseMs - 3000);
  store.away = true;
  await vi.advanceTimersByTimeAsync(4000);
  expect(store.errors).toBeGreaterThan(0);
  store.away = false;
  await vi.advanceTimersByTimeAsync(leaseMs - 1);
  expect(store.takenBack).toBe(0);
  await vi.advanceTimersByTimeAsync(4000);
  expect(store.takenBack).toBeGreaterThan(0);
});

it('begins to wait anew when the database took its time to answer', async () => {
  const store = startSweeper();
  await sweeper.start();
  await vi.advanceTimersByTimeAsync(leaseMs - 3000);
  store.hangs = Promise.withResolvers();
  await vi.advanceTimersByTimeAsync(5000);
  store.hangs.resolve();
  store.hangs = undefined;
  await vi.advanceTimersByTimeAsync(leaseMs - 2001);
  expect(store.takenBack).toBe(0);
  await vi.advanceTimersByTimeAsync(4000);
  expect(store.takenBack).toBeGreaterThan(0);
});

it('of the only process: ends every lease at its start, once, and waits for nobody', async () => {
  const store = startSweeper(true);
  store.away = true;
  const ready = sweeper.start();
  await vi.advanceTimersByTimeAsync(1000);
  expect(store.ended).toBe(0);
  store.away = false;
  await vi.advanceTimersByTimeAsync(1000);
  await ready;
  expect([store.ended, store.takenBack]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(4000);
  expect([store.ended, store.takenBack]).toEqual([1, 3]);
});
