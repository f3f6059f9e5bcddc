import { isIP } from 'node:net';
import type { CommandWriter } from '../commands/commandWriter.ts';
import { QueueFull } from '../commands/groupCommit.ts';
import type { NewCommand } from '../commands/newCommand.ts';
import { networksOf } from '../networks.ts';
import { type BucketRate, createBuckets } from './buckets.ts';
import type { Refusal } from './refusals.ts';

export interface LegacyAnswer {
  status: number;
  body: string;
  retryAfterSeconds?: number;
}

interface Options {
  /** Networks from which it is taken: `10.0.0.0/8`. */
  from: readonly string[];
  writer: Pick<CommandWriter, 'write'>;
  refused(refusal: Refusal): void;
  log: { error(details: object, message: string): void };
  rate?: BucketRate;
  now?: () => number;
}

/** In the order in which they are looked at. */
const fields = ['history_id', 'history_ip', 'history_user', 'history_datetime', 'history_command'] as const;
const addressRate: BucketRate = { burst: 2000, perSecond: 500 };
const longest = { name: 100, command: 65_536 } as const;

/**
 * The GET of the original's agents. Nothing vouches for what comes by it: the address is the peer's, everything else a
 * claim. Such an event has no server, fills no gap and belongs to no run.
 */
export function createLegacyPull({ from, writer, refused, log, rate = addressRate, now = Date.now }: Options) {
  const networks = networksOf(from);
  const take = createBuckets(rate);

  return async (query: URLSearchParams, address: string): Promise<LegacyAnswer> => {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0 || !networks.check(address, family)) {
      refused({ address, code: 'LEGACY_NETWORK' });
      return { status: 403, body: 'forbidden' };
    }
    if (!take(address)) return { status: 429, body: 'too many requests', retryAfterSeconds: 5 };
    const missing = fields.find((name) => (query.get(name) ?? '') === '');
    if (missing !== undefined) return { status: 200, body: `${missing} null` };
    try {
      await writer.write({ kind: 'events', events: [eventOf(query, address, now())] });
      return { status: 200, body: 'OK' };
    } catch (error) {
      if (!(error instanceof QueueFull))
        log.error({ err: String(error).slice(0, 500) }, 'an event of a legacy agent could not be stored');
      return { status: 503, body: 'busy', retryAfterSeconds: 2 };
    }
  };
}

function eventOf(query: URLSearchParams, address: string, receivedAt: number): NewCommand {
  let cut = false;
  const text = (name: (typeof fields)[number], most: number) => {
    const value = (query.get(name) ?? '').toWellFormed();
    cut ||= value.length > most;
    return value.slice(0, most).toWellFormed();
  };
  // Its clock and its time zone are as little known as the rest.
  const claimedAt = Date.parse(text('history_datetime', 40).replace(' ', 'T'));
  const event: NewCommand = {
    at: receivedAt,
    host_id: null,
    host_name: address,
    kind: 'command',
    uid: null,
    user_name: '',
    claimed_user: text('history_user', longest.name),
    login_user: '',
    tty: '',
    session: text('history_id', longest.name),
    number: null,
    source: text('history_ip', longest.name),
    directory: '',
    exit_code: null,
    via: 'omaudit',
    command: text('history_command', longest.command),
    run_id: null,
    terminal_id: null,
    outside: true,
    signed: false,
    marks: '',
    claimed_at: Number.isSafeInteger(claimedAt) ? claimedAt : null,
    address,
    boot: null,
    sequence: null,
  };
  if (cut) event.marks = 'cut';
  return event;
}
