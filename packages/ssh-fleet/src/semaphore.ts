/** A counted resource with waiters served first come, first served. */
export interface Semaphore {
  /** Resolves with the undo once a place is free; rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
  /** Takes a place if one is free and nobody waits for it. */
  tryTake(): (() => void) | undefined;
  readonly used: number;
  readonly waiting: number;
}

/** @param onFree called when a place became free and nobody here waits for it */
export function createSemaphore(limit: number, onFree: () => void = () => {}): Semaphore {
  let used = 0;
  const queue = new Set<() => void>();

  function grant(): () => void {
    used++;
    let returned = false;
    return () => {
      if (returned) return;
      returned = true;
      used--;
      const next = queue.values().next().value;
      if (next) next();
      else onFree();
    };
  }

  function tryTake(): (() => void) | undefined {
    return used < limit && queue.size === 0 ? grant() : undefined;
  }

  function take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const free = tryTake();
    if (free) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(enter);
        signal.removeEventListener('abort', abort);
      };
      const enter = () => {
        leave();
        resolve(grant());
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      queue.add(enter);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  return {
    take,
    tryTake,
    get used() {
      return used;
    },
    get waiting() {
      return queue.size;
    },
  };
}
