import { expect, it } from 'vitest';
import { isChosen, toggleHost, withoutHost } from './chosen.ts';

const host = (name: string, environment = 'prod') => ({ name, environment, groups: ['web'], labels: {}, zone: 'hk' });

it('ticks what a selector means and nothing beside it, and takes single servers in and out of it', () => {
  const all = { kind: 'matching', selector: 'env:prod', total: 10 } as const;
  expect([isChosen(all, host('a')), isChosen(all, host('b', 'test'))]).toEqual([true, false]);
  const without = toggleHost(all, host('a'), 0);
  expect(without).toMatchObject({ kind: 'matching', total: 9 });
  expect([isChosen(without, host('a')), isChosen(without, host('c'))]).toEqual([false, true]);
  const also = toggleHost(without, host('b', 'test'), 1);
  expect(also).toMatchObject({ total: 10 });
  expect([isChosen(also, host('a')), isChosen(also, host('b', 'test')), isChosen(also, host('c'))]).toEqual([
    false,
    true,
    true,
  ]);
});

it('takes out one server by its name alone', () => {
  const named = { kind: 'names', names: new Set(['a', 'b']), anchor: 1 } as const;
  expect(withoutHost(named, 'a')).toEqual({ kind: 'names', names: new Set(['b']), anchor: null });
  const all = withoutHost({ kind: 'matching', selector: 'env:prod', total: 10 }, 'a');
  expect(all).toMatchObject({ kind: 'matching', total: 9 });
  expect([isChosen(all, host('a')), isChosen(all, host('b'))]).toEqual([false, true]);
});
