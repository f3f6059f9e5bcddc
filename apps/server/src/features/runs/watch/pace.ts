const minMs = 100;
const maxMs = 1000;
const busyAbove = 0.8;

export interface Pace {
  /** A batch goes out now. */
  begun(): void;
  /** How long to wait before asking again whether the next may go, in ms; 0 when it may. */
  waitMs(): number;
}

/**
 * Says when the next batch may go: a tenth of a second after the last, and up to a second later while this process has
 * no time to spare. Its clients are then told fewer and newer facts; as soon as there is time, they are told at once.
 */
export function createPace(
  now: () => number = () => performance.now(),
  utilization: () => number = measureUtilization(),
): Pace {
  let beganAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let busy = false;
  let gapMs = minMs;

  /** A shorter look would take one task for a busy process. */
  function look(): void {
    if (now() - askedAt < minMs / 2) return;
    askedAt = now();
    busy = utilization() > busyAbove;
  }

  return {
    begun() {
      look();
      beganAt = now();
      gapMs = busy ? Math.min(maxMs, gapMs * 2) : minMs;
    },
    waitMs() {
      const age = now() - beganAt;
      if (age < minMs) return minMs - age;
      look();
      return busy && age < gapMs ? Math.min(minMs, gapMs - age) : 0;
    },
  };
}

/** The share of the time since the last call in which the event loop was at work, from 0 to 1. */
function measureUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
