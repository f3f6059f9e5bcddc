import { setTimeout as pause } from 'node:timers/promises';

/** Takes one checkpoint line away. Throws when it could not. */
export type SendCheckpoint = (line: string, signal: AbortSignal) => Promise<void>;

interface Options<T> {
  send: (item: T, signal: AbortSignal) => Promise<void>;
  /** It was taken; so many have come since. */
  sent(item: T, left: number): Promise<void>;
  failed(error: unknown): Promise<void>;
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** What an item may take to leave when the server stops. */
  stopMs?: number;
}

export interface CheckpointForwarder<T> {
  /** Returns at once. What still waits is replaced: the newest vouches for all before. */
  give(item: T): void;
  /** Lets the newest leave, if it can in time: it is tried at once, however long the pause would have been. */
  stop(): Promise<void>;
}

/** Sends checkpoints away, beside the ledger and never in its way. */
export function createForwarder<T>(options: Options<T>): CheckpointForwarder<T> {
  const { send, sent, failed, firstPauseMs = 1000, longestPauseMs = 5 * 60_000, stopMs = 3000 } = options;
  const ended = new AbortController();
  const stopping = new AbortController();
  let waiting: { item: T } | undefined;
  /** Given since the one that is being sent. */
  let newer = 0;
  let current: Promise<void> | undefined;

  async function sendWaiting(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (waiting !== undefined && !ended.signal.aborted) {
      const taken = waiting;
      newer = 0;
      try {
        await send(taken.item, ended.signal);
        if (waiting === taken) waiting = undefined;
        pauseMs = firstPauseMs;
        await sent(taken.item, newer);
      } catch (error) {
        await failed(error);
        const stops = stopping.signal.aborted;
        await pause(stops ? firstPauseMs : pauseMs, undefined, {
          signal: stops ? ended.signal : stopping.signal,
        }).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
    current = undefined;
  }

  return {
    give(item) {
      waiting = { item };
      newer++;
      current ??= sendWaiting();
    },
    async stop() {
      stopping.abort();
      const over = Promise.withResolvers<void>();
      const timer = setTimeout(over.resolve, stopMs);
      // A disk that hangs cannot be told to leave off.
      await Promise.race([current, over.promise]);
      clearTimeout(timer);
      ended.abort();
    },
  };
}
