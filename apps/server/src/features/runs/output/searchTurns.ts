import { OmError } from '@omanager/contract';

export interface Turns {
  /** Waits for one of the places; disposing gives it back. Rejects with the signal's reason when it is aborted first. */
  wait(signal: AbortSignal): Promise<Disposable>;
}

/** Lets `atOnce` work at the same time and `waiting` more wait, first come, first served. */
export function createTurns(atOnce: number, waiting: number): Turns {
  const queue: (() => void)[] = [];
  let free = atOnce;

  const turn = (): Disposable => ({
    [Symbol.dispose]() {
      const next = queue.shift();
      if (next) next();
      else free++;
    },
  });

  return {
    async wait(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return turn();
      }
      if (queue.length >= waiting) throw new OmError('BUSY', 'Too many searches are waiting; try again shortly.');
      await new Promise<void>((resolve, reject) => {
        const abort = () => {
          queue.splice(queue.indexOf(go), 1);
          reject(signal.reason);
        };
        const go = () => {
          signal.removeEventListener('abort', abort);
          resolve();
        };
        queue.push(go);
        signal.addEventListener('abort', abort, { once: true });
      });
      return turn();
    },
  };
}
