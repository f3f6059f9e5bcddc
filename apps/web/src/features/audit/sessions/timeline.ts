import type { CastEvent } from './castFile.ts';

/** Where each event stands when idle time is cut short: player, markers and transcript share this one map. */
export interface Timeline {
  readonly duration: number;
  /** Of an event, in seconds of the replay. */
  positionOf(index: number): number;
  /** How many events are over at a position. */
  countAt(position: number): number;
}

export function createTimeline(events: readonly Pick<CastEvent, 'at'>[], idleLimit: number | null): Timeline {
  const positions = new Float64Array(events.length);
  let position = 0;
  let before = 0;
  events.forEach(({ at }, index) => {
    const gap = Math.max(0, at - before);
    position += idleLimit === null ? gap : Math.min(gap, idleLimit);
    positions[index] = position;
    before = Math.max(before, at);
  });
  return {
    duration: position,
    positionOf: (index) => positions[index] ?? position,
    countAt(wanted) {
      let low = 0;
      let high = positions.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((positions[middle] ?? 0) <= wanted) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
