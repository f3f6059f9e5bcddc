/** Shares the event loop of a process among long pieces of work: together they use one slice, then others have their turn. */
export interface Turns {
  /** Whether the slice under way is used up. */
  over(): boolean;
  /** Waits for a slice of the event loop, if the one under way is used up; they are given in the order asked for. */
  next(): Promise<void> | undefined;
}

/** `sliceMs`: how long work may hold the event loop at a stretch. */
export function createTurns(sliceMs: number): Turns {
  let beganAt: number | undefined;
  const waiting: (() => void)[] = [];

  function begin(): void {
    beganAt = performance.now();
    setImmediate(() => {
      beganAt = undefined;
      const go = waiting.shift();
      if (!go) return;
      begin();
      go();
    });
  }

  return {
    over() {
      if (beganAt === undefined) begin();
      return beganAt !== undefined && performance.now() - beganAt >= sliceMs;
    },
    next() {
      if (beganAt === undefined) begin();
      else if (waiting.length > 0 || performance.now() - beganAt >= sliceMs)
        return new Promise((resolve) => waiting.push(resolve));
      return undefined;
    },
  };
}
