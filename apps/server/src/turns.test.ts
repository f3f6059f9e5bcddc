import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

it('lets others work between the slices, which are given in the order asked for', async () => {
  const turns = createTurns(0);
  const order: string[] = [];
  expect(turns.over()).toBe(true);
  const all = ['one', 'two'].map((name) => turns.next()?.then(() => order.push(name)));
  expect(all).toEqual([expect.any(Promise), expect.any(Promise)]);
  await Promise.all([...all, nextTurn().then(() => order.push('others'))]);
  expect(order).toEqual(['one', 'others', 'two']);
});

it('asks nobody to wait before its slice is used up', async () => {
  const turns = createTurns(3_600_000);
  expect([turns.over(), turns.next(), turns.next(), turns.over()]).toEqual([false, undefined, undefined, false]);
  await nextTurn();
  expect(turns.next()).toBeUndefined();
});
