import { setTimeout as pause } from 'node:timers/promises';

/** Takes one checkpoint line away. Throws when it could not; the error's text never holds a secret. */
export type SendCheckpoint = (line: string, signal: AbortSignal) => Promise<void>;

interface Options {
  to: 'syslog' | 'webhook';
  send: SendCheckpoint;
  log: { error(details: object, message: string): void };
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** What a line may take to leave when the server stops. */
  stopMs?: number;
}

export interface CheckpointForwarder {
  /** Returns at once. A line that still waits is replaced: the newest vouches for all before. */
  give(line: string): void;
  /** Lets the newest line leave, if it can in time. */
  stop(): Promise<void>;
}

/** Sends checkpoints away from the machine, beside the ledger and never in its way. */
export function createForwarder(options: Options): CheckpointForwarder {
  const { to, send, log, firstPauseMs = 1000, longestPauseMs = 5 * 60_000, stopMs = 3000 } = options;
  const ended = new AbortController();
  let waiting: string | undefined;
  let current: Promise<void> | undefined;

  async function sendWaiting(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (waiting !== undefined && !ended.signal.aborted) {
      const line = waiting;
      try {
        await send(line, ended.signal);
        if (waiting === line) waiting = undefined;
        pauseMs = firstPauseMs;
      } catch (error) {
        if (pauseMs === firstPauseMs) {
          log.error({ to, err: String(error).slice(0, 300) }, 'a checkpoint did not leave; it is tried again');
        }
        await pause(pauseMs, undefined, { signal: ended.signal }).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }

  return {
    give(line) {
      waiting = line;
      current ??= sendWaiting().finally(() => {
        current = undefined;
      });
    },
    async stop() {
      const timer = setTimeout(() => ended.abort(), stopMs);
      await current;
      clearTimeout(timer);
      ended.abort();
    },
  };
}
