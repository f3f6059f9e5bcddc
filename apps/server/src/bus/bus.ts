/**
 * Wake-ups inside and between processes. A message carries ids only and changes nothing that the database
 * does not say: whoever is woken reads, and sweeps anyway, so a lost message costs seconds and a forged one nothing.
 */
export interface Bus {
  /** Listeners of this process are called before it returns. Never throws, never waits. */
  publish(topic: Topic): void;
  /** Calls `listener` for this topic until the returned function is called. */
  subscribe(topic: Topic, listener: () => void): () => void;
  close(): Promise<void>;
}

/** `run`: it changed, for who watches. `lists`: some run did, for who watches a list of them. `commands`: some were stored. `alert`: one changed. `terminals`: one began or ended. `control`: an operator asked something of it, for who works on it. */
export type Topic = `run:${string}` | `control:${string}` | 'lists' | 'audit' | 'commands' | 'alert' | 'terminals';

/** Whether a text that came from outside is a topic. */
export function isTopic(text: string): text is Topic {
  return (
    ['audit', 'lists', 'commands', 'alert', 'terminals'].includes(text) || /^(run|control):[0-9a-f-]{36}$/.test(text)
  );
}

export interface LocalBus extends Bus {
  /** Calls every listener: messages may have been missed. */
  publishAll(): void;
}

/** The bus of one process. */
export function createLocalBus(): LocalBus {
  const listeners = new Map<Topic, Set<() => void>>();
  return {
    publish(topic) {
      for (const listener of listeners.get(topic) ?? []) listener();
    },
    publishAll() {
      for (const set of [...listeners.values()]) for (const listener of set) listener();
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(topic) === set) listeners.delete(topic);
      };
    },
    async close() {
      listeners.clear();
    },
  };
}

/**
 * Waits for `topic`, or `sweepMs` at most (a message may be lost), or the signal. Wake-ups that came while nobody
 * waited are remembered, so a reader that reads and then waits misses nothing.
 */
export function createWaiter(bus: Pick<Bus, 'subscribe'>, topic: Topic, signal: AbortSignal, sweepMs: number) {
  let pending = false;
  let wake: (() => void) | undefined;
  const unsubscribe = bus.subscribe(topic, () => {
    pending = true;
    wake?.();
  });
  const onAbort = () => wake?.();
  signal.addEventListener('abort', onAbort);
  return {
    async wait(): Promise<void> {
      if (!pending && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, sweepMs);
        await promise;
        clearTimeout(timer);
        wake = undefined;
      }
      pending = false;
    },
    [Symbol.dispose]() {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
