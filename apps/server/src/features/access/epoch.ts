import type { Database, Tx } from '../../db/database.ts';

/**
 * A number that grows whenever somebody may do less than before. Whoever pushes compares it and asks again when it
 * has moved; other processes and the command line raise it too, so while somebody listens it is read every second.
 */
export interface Epoch {
  /** At most one read of the database a second. */
  current(): Promise<number>;
  /** After the commit of a transaction that called `raiseEpoch`: listeners hear of it before this resolves. */
  raised(): Promise<void>;
  /** Calls `listener` when the number has moved; returns the undo. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/** Raises the number. First statement of each change in this feature: the row is also the lock that orders them. */
export async function raiseEpoch(tx: Tx): Promise<void> {
  await tx('access_epoch').where({ only: 1 }).increment('epoch', 1);
}

const readEveryMs = 1000;

export function createEpoch({
  db,
  log,
}: {
  db: Database;
  log: { error(details: object, message: string): void };
}): Epoch {
  const listeners = new Set<() => void>();
  let known: number | undefined;
  let readAt = 0;
  let reading: Promise<number> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function read(): Promise<number> {
    const row = await db.knex('access_epoch').where({ only: 1 }).first('epoch');
    const epoch = Number(row.epoch);
    readAt = performance.now();
    // The first reading counts as a move: what happened before it is not known.
    const moved = epoch !== known;
    known = epoch;
    if (moved) notify();
    return epoch;
  }

  function refresh(): Promise<number> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  function notify(): void {
    for (const listener of [...listeners]) listener();
  }

  return {
    async current() {
      if (known !== undefined && performance.now() - readAt < readEveryMs) return known;
      return refresh();
    },
    async raised() {
      // A read under way may have begun before our commit.
      await reading?.catch(() => undefined);
      await refresh().catch((error: unknown) => {
        log.error({ err: String(error) }, 'the access epoch cannot be read');
        notify();
      });
    },
    onChange(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        refresh().catch((error: unknown) => log.error({ err: String(error) }, 'the access epoch cannot be read'));
      }, readEveryMs).unref();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    close() {
      listeners.clear();
      stop();
    },
  };

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }
}
