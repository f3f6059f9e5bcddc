import { Redis } from 'ioredis';

export interface RedisSettings {
  /** redis:// or rediss://, with the password. */
  url: string;
  /** What our keys and channels begin with, so that several OManagers can share a Redis. */
  prefix: string;
}

export interface RedisLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** What a caller does while Redis is away: `fail` at once, or `wait` until it is back. */
type WhenAway = 'fail' | 'wait';

const reconnectMs = { least: 100, most: 2000 };
const logEveryMs = 60_000;

/** A connection that comes back by itself for as long as it takes. Errors go to `onError`, never further. */
export function connectRedis({ url }: RedisSettings, away: WhenAway, onError: (error: Error) => void): Redis {
  const client = new Redis(url, {
    retryStrategy: (times) => Math.min(reconnectMs.least * 2 ** Math.min(times, 10), reconnectMs.most),
    // Also a Redis whose machine vanished without a word is noticed.
    ...(away === 'fail'
      ? { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 3000, socketTimeout: 5000 }
      : { maxRetriesPerRequest: null, socketTimeout: 20_000 }),
    connectTimeout: 5000,
  });
  client.on('error', onError);
  return client;
}

/**
 * One line when Redis goes away and one when it is back, however many connections complain how often. Errors are told
 * by their message only: those of ioredis carry the command, and with it the password.
 */
export function createRedisReports(log: RedisLog, part: string) {
  let away = false;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return {
    failed(error: unknown): void {
      const now = performance.now();
      if (now - loggedAt < logEveryMs) return;
      away = true;
      loggedAt = now;
      const reason = error instanceof Error ? describe(error) : String(error);
      log.warn({ part, reason: reason.slice(0, 300) }, 'trouble with Redis: runs go on by sweeping the database');
    },
    answers(): void {
      if (away) log.info({ part }, 'Redis answers again');
      away = false;
      loggedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** An address that is refused on IPv4 and IPv6 makes an AggregateError without a message. */
function describe(error: Error): string {
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
