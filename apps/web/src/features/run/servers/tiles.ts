import { type Counts, hostStates } from '@omanager/contract';
import { stateAt, unknownState } from '../../../live/runStore.ts';
import type { ServerGroup } from './groups.ts';

/** A group of servers, or a part of one that has very many. */
export interface Tile {
  readonly group: string;
  /** Of the first and the last, where this is a part of the group; else null. */
  readonly ends: readonly [number, number] | null;
  readonly ordinals: readonly number[];
}

const mostTiles = 60;
const sizes = [100, 250, 500, 1000, 2000];

/** Groups as tiles, in their order, those that have very many servers in equal parts. */
export function tilesOf(groups: readonly ServerGroup[]): Tile[] {
  const total = groups.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
  const size = sizes.find((one) => total / one <= mostTiles) ?? Math.ceil(total / mostTiles);
  return groups.flatMap(({ name, ordinals }): Tile[] => {
    if (name !== '' && ordinals.length <= size) return [{ group: name, ends: null, ordinals }];
    return Array.from({ length: Math.ceil(ordinals.length / size) }, (_, i) => {
      const part = ordinals.slice(i * size, (i + 1) * size);
      return { group: name, ends: [part[0] ?? 0, part.at(-1) ?? 0], ordinals: part };
    });
  });
}

/** How many of these servers are in which state; one that nobody has heard of is in none. */
export function countsIn(states: Uint8Array, ordinals: readonly number[]): Counts {
  const counts: Counts = {
    ...{ pending: 0, connecting: 0, running: 0, ok: 0, failed: 0, unreachable: 0, timed_out: 0 },
    ...{ aborted: 0, lost: 0, not_started: 0, skipped: 0 },
  };
  const found = new Uint32Array(hostStates.length);
  for (const ordinal of ordinals) {
    const index = states[ordinal] ?? unknownState;
    if (index !== unknownState) found[index] = (found[index] ?? 0) + 1;
  }
  found.forEach((count, index) => {
    counts[stateAt(index)] = count;
  });
  return counts;
}
