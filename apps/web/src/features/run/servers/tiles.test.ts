import { expect, it } from 'vitest';
import { indexOfState, unknownState } from '../../../live/runStore.ts';
import { countsIn, tilesOf } from './tiles.ts';

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

it('shows ten thousand servers of one name as few tiles, each of the same size', () => {
  const tiles = tilesOf([{ name: 'web', ordinals: range(0, 10_000) }]);
  expect(tiles.length).toBe(40);
  expect(tiles[1]).toMatchObject({ group: 'web', ends: [250, 499] });
  expect(tiles.flatMap(({ ordinals }) => ordinals)).toEqual(range(0, 10_000));
});

it('keeps groups whole that are small, and cuts those without a name', () => {
  const groups = [
    { name: 'web', ordinals: range(0, 90) },
    { name: 'db', ordinals: range(90, 2110) },
  ];
  const tiles = tilesOf(groups);
  expect(tiles[0]).toEqual({ group: 'web', ends: null, ordinals: range(0, 90) });
  expect(tiles.length).toBe(23);
  expect(tilesOf([{ name: '', ordinals: range(0, 50) }])).toEqual([
    { group: '', ends: [0, 49], ordinals: range(0, 50) },
  ]);
});

it('counts the states of just these servers', () => {
  const states = Uint8Array.of(indexOfState('ok'), indexOfState('failed'), unknownState, indexOfState('ok'));
  expect(countsIn(states, [0, 1, 2])).toMatchObject({ ok: 1, failed: 1, pending: 0 });
  expect(countsIn(states, [0, 3])).toMatchObject({ ok: 2, failed: 0 });
});
