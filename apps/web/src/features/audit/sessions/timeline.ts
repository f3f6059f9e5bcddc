import type { Cast } from './cast.ts';
import { countUpTo } from './numbers.ts';

/** Where each event stands when idle time is cut short: player, markers and transcript share this one map. */
export interface Timeline {
  readonly duration: number;
  /** Of an event, in seconds of the replay. */
  positionOf(index: number): number;
  /** How many events are over at a position. */
  countAt(position: number): number;
}

/** Of the events that are there now. */
export function createTimeline({ count, timeOf }: Pick<Cast, 'count' | 'timeOf'>, idleLimit: number | null): Timeline {
  const positions = new Float64Array(count);
  let position = 0;
  let before = 0;
  for (let index = 0; index < count; index++) {
    const at = timeOf(index);
    const gap = Math.max(0, at - before);
    position += idleLimit === null ? gap : Math.min(gap, idleLimit);
    positions[index] = position;
    before = Math.max(before, at);
  }
  return {
    duration: position,
    positionOf: (index) => positions[index] ?? position,
    countAt: (wanted) => countUpTo(count, (index) => positions[index] ?? 0, wanted),
  };
}
