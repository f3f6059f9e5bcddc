import { expect, it } from 'vitest';
import { createLately } from './lately.ts';

function rig(most?: number) {
  let time = 0;
  const lately = createLately({ ms: 100, most, now: () => time });
  const acts: string[] = [];
  return {
    acts,
    lately,
    ask: (key: string) => lately.once(key, async () => void acts.push(key)),
    wait: (ms: number) => {
      time += ms;
    },
  };
}

it('acts once for a key, and again when its time is over', async () => {
  const { acts, ask, wait } = rig();
  await ask('a');
  await ask('b');
  wait(99);
  await ask('a');
  expect(acts).toEqual(['a', 'b']);
  wait(1);
  await ask('a');
  expect(acts).toEqual(['a', 'b', 'a']);
});

it('forgets the oldest of too many', async () => {
  const { acts, ask, wait } = rig(2);
  for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) await ask(key);
  expect(acts).toEqual(['a', 'b', 'c', 'a']);
  wait(100);
  for (const key of ['c', 'b', 'c']) await ask(key);
  expect(acts.slice(4)).toEqual(['c', 'b']);
});

it('does not count what failed', async () => {
  const { acts, ask, lately } = rig();
  await expect(lately.once('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await ask('a');
  expect(acts).toEqual(['a']);
});
