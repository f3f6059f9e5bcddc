import type { IncomingHttpHeaders } from 'node:http';
import type { AgentKeys } from '../agentKeys/agentKeys.ts';
import type { CommandWriter, Written } from '../commands/commandWriter.ts';
import { QueueFull } from '../commands/groupCommit.ts';
import { aboutHost, type NewCommand, type Origin } from '../commands/newCommand.ts';
import { type BatchHeaders, isSignedWith, readBatchHeaders } from './batchHeaders.ts';
import { type BucketRate, createBuckets } from './buckets.ts';
import { type AgentRecord, parseRecords } from './records.ts';
import type { Refusal } from './refusals.ts';

export interface Answer {
  status: number;
  body: object;
  retryAfterSeconds?: number;
}

/** What a shell of a host says that it belongs to. */
export interface Claim {
  hostId: string;
  /** A run or a recorded terminal. */
  id: string;
  at: number;
}

/** Which claims are true, by their place. */
export type CheckClaims = (
  claims: readonly Claim[],
) => Promise<ReadonlyMap<number, Pick<NewCommand, 'run_id' | 'terminal_id'>>>;

interface Options {
  keys: Pick<AgentKeys, 'findAgentKey' | 'seen'>;
  /** The name of a server; undefined when the registry has it no more. */
  hostName(hostId: string): Promise<string | undefined>;
  checkClaims: CheckClaims;
  writer: Pick<CommandWriter, 'write'>;
  refused(refusal: Refusal): void;
  log: { error(details: object, message: string): void };
  rates?: { address: BucketRate; host: BucketRate };
  now?: () => number;
}

const clockMs = 5 * 60_000;
/** Before anything is known of who sends; many hosts may be behind one address. */
const addressRate = { burst: 2000, perSecond: 500 };
const hostRate = { burst: 200, perSecond: 20 };
/** How often an event says that a host's clock is wrong. */
const clockEventRate = { burst: 1, perSecond: 1 / 600 };
/** Bodies in memory at once. */
const maxOpen = 64;
/** An agent sends one after the other: a server whose bodies never end does not take the place of all others. */
const maxOpenOfHost = 4;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const problem = (status: number, code: string, message: string, more: object = {}): Answer => ({
  status,
  body: { code, message, ...more },
});
const wait = (status: 429 | 503, code: string, message: string): Answer => ({
  ...problem(status, code, message),
  retryAfterSeconds: status === 429 ? 5 : 2,
});

/** Takes in signed batches (docs/agent.md). Nothing of a body is read before its signature is known to be right. */
export function createAgentBatches({ keys, hostName, checkClaims, writer, refused, log, ...options }: Options) {
  const { rates = { address: addressRate, host: hostRate }, now = Date.now } = options;
  const ofAddress = createBuckets(rates.address);
  const ofHost = createBuckets(rates.host);
  const clockEvents = createBuckets(clockEventRate);
  let open = 0;
  const openOf = new Map<string, number>();

  async function admit(given: IncomingHttpHeaders, address: string) {
    if (!ofAddress(address)) return wait(429, 'RATE_LIMITED', 'Too many requests from this address.');
    const headers = readBatchHeaders(given);
    if (!headers) return problem(400, 'BAD_BATCH', 'A header field is missing or malformed.');
    const found = await keys.findAgentKey(headers.key);
    // To somebody without a key all of these are the same.
    const unknown = problem(401, 'BAD_KEY', 'The key is not known, or counts no more.');
    if (!found || found.hostId !== headers.host) {
      const code = found ? 'OTHER_HOST' : 'BAD_KEY';
      refused({ address, host: headers.host, code, details: { key: headers.key } });
      return unknown;
    }
    const name = await hostName(found.hostId);
    if (name === undefined) {
      refused({ address, host: headers.host, code: 'NO_SUCH_HOST', details: { key: headers.key } });
      return unknown;
    }
    const ofThis = openOf.get(found.hostId) ?? 0;
    if (open >= maxOpen || ofThis >= maxOpenOfHost) return wait(503, 'BUSY', 'Too many batches at once.');
    open++;
    openOf.set(found.hostId, ofThis + 1);
    let over = false;
    return {
      take: (body: Buffer) => take(headers, { key: found.key, name, address, body }),
      done() {
        if (over) return;
        over = true;
        open--;
        const left = (openOf.get(found.hostId) ?? 1) - 1;
        if (left > 0) openOf.set(found.hostId, left);
        else openOf.delete(found.hostId);
      },
    };
  }

  async function take(
    headers: BatchHeaders,
    { key, name, address, body }: { key: Uint8Array; name: string; address: string; body: Buffer },
  ): Promise<Answer> {
    const { host } = headers;
    if (!isSignedWith(headers, body, key)) {
      refused({ address, host, code: 'BAD_SIGNATURE', details: { key: headers.key } });
      return problem(401, 'BAD_SIGNATURE', 'The signature is not right.');
    }
    const receivedAt = now();
    const origin: Origin = { hostId: host, hostName: name, address, boot: headers.boot, signed: true, receivedAt };
    if (!ofHost(host)) return wait(429, 'RATE_LIMITED', 'Too many batches of this server.');
    try {
      const aheadMs = headers.timeMs - receivedAt;
      if (Math.abs(aheadMs) > clockMs) return await wrongClock(origin, aheadMs);
      const parsed = parseRecords(body);
      if (!parsed.ok) return problem(parsed.status, parsed.status === 413 ? 'TOO_LARGE' : 'BAD_BATCH', parsed.message);
      const links = await linksOf(parsed.records, host);
      const batch = {
        ...{ origin, boot: headers.boot, first: headers.first, keyId: headers.key, aheadMs },
        ...{ records: parsed.records, links },
      };
      const { next }: Written = await writer.write({ kind: 'batch', batch });
      await keys.seen(headers.key);
      return { status: 200, body: { next } };
    } catch (error) {
      if (!(error instanceof QueueFull))
        log.error({ err: String(error).slice(0, 500), host }, 'a batch of an agent could not be stored');
      return wait(503, 'BUSY', 'The server cannot store it now.');
    }
  }

  async function wrongClock(origin: Origin, aheadMs: number): Promise<Answer> {
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    const { address, hostId, receivedAt } = origin;
    refused({ address, host: hostId ?? undefined, code: 'CLOCK', details: { seconds: Math.round(aheadMs / 1000) } });
    if (clockEvents(hostId ?? '')) {
      const text = `${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`;
      await writer.write({ kind: 'events', events: [aboutHost(origin, { kind: 'clock', at: receivedAt, text })] });
    }
    return problem(401, 'CLOCK', `The clock is ${seconds} s away.`, { now: Math.floor(receivedAt / 1000) });
  }

  async function linksOf(records: readonly AgentRecord[], hostId: string) {
    const places: number[] = [];
    const claims: Claim[] = [];
    for (const [place, { run, time }] of records.entries()) {
      if (!uuid.test(run)) continue;
      places.push(place);
      claims.push({ hostId, id: run, at: time });
    }
    if (claims.length === 0) return new Map();
    const checked = await checkClaims(claims);
    return new Map([...checked].map(([at, link]) => [places[at] ?? -1, link]));
  }

  return { admit };
}
