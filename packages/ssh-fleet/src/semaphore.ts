/** A counted resource with waiters served first come, first served. */
export interface Semaphore {
  /** Resolves with the undo once a place is free; rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
  /** Takes a place if one is free and nobody waits for it. */
  tryTake(): (() => void) | undefined;
  readonly used: number;
  readonly waiting: number;
}

/**
 * Each connection has some, so there is little in it: plain fields instead of getters (which cost V8 a dictionary per object),
 * and a queue only while somebody waits.
 * @param onFree called when a place became free and nobody here waits for it
 */
export function createSemaphore(limit: number, onFree: () => void = () => {}): Semaphore {
  let queue: Set<() => void> | undefined;
  const semaphore = { used: 0, waiting: 0, take, tryTake };

  function grant(): () => void {
    semaphore.used++;
    let returned = false;
    return () => {
      if (returned) return;
      returned = true;
      semaphore.used--;
      const next = queue?.values().next().value;
      if (next) next();
      else onFree();
    };
  }

  function tryTake(): (() => void) | undefined {
    return semaphore.used < limit && semaphore.waiting === 0 ? grant() : undefined;
  }

  function take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const free = tryTake();
    if (free) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (queue?.delete(enter)) semaphore.waiting--;
        if (semaphore.waiting === 0) queue = undefined;
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
      queue ??= new Set();
      queue.add(enter);
      semaphore.waiting++;
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  return semaphore;
}
