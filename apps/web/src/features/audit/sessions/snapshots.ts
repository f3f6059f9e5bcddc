/** States of an emulator at some events of a recording, so that to go to a place needs no replay from the beginning. */
export interface Snapshots<S> {
  /** Bytes of output between two of them, now. */
  readonly interval: number;
  /** The last one at or before an event. */
  before(event: number): Snapshot<S> | undefined;
  /** Whether there is to be one at so many bytes of output. */
  isDue(start: number): boolean;
  add(snapshot: Snapshot<S>): void;
}

export interface Snapshot<S> {
  readonly event: number;
  /** Bytes of output before it. */
  readonly start: number;
  readonly state: S;
  /** Memory that it takes. */
  readonly bytes: number;
}

const usual = { interval: 512 * 1024, count: 96, bytes: 96 * 1024 * 1024 };

/** They come in order. When they are too many, every other one goes and the next ones are twice as far apart. */
export function createSnapshots<S>(most = usual): Snapshots<S> {
  let all: Snapshot<S>[] = [];
  let interval = most.interval;
  return {
    get interval() {
      return interval;
    },
    before: (event) => all.findLast((one) => one.event <= event),
    isDue: (start) => start >= (all.at(-1)?.start ?? 0) + interval,
    add(snapshot) {
      all.push(snapshot);
      while (
        all.length > 1 &&
        (all.length > most.count || all.reduce((sum, { bytes }) => sum + bytes, 0) > most.bytes)
      ) {
        all = all.filter((_, index) => index % 2 === 1);
        interval *= 2;
      }
    },
  };
}
