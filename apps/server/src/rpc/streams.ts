import { randomUUID } from 'node:crypto';
import {
  contract,
  isGatePermission,
  type MethodDefinition,
  type MethodName,
  maxMessageBytes,
  OmError,
  toRpcError,
} from '@omanager/contract';
import type { Actor } from './actor.ts';
import type { Authorize } from './dispatcher.ts';

export interface Streams {
  /** `events` are JSON already, in UTF-8. */
  open(name: MethodName, events: (signal: AbortSignal) => AsyncIterable<Uint8Array>): string;
  stop(id: string): void;
  /** Ends the streams that this actor may not follow any more. */
  recheck(actor: Actor): void;
  endAll(error: OmError): void;
}

interface Options {
  send(message: string | Uint8Array): Promise<void>;
  authorize: Authorize;
  /** Logs what is no error of the contract, and says what the client is told. */
  asOmError(error: unknown, method: string): OmError;
  signal: AbortSignal;
}

const maxStreams = 64;
/** At most ten batches a second for each stream. */
const minGapMs = 100;
/** For what is typed: fifty a second, so that an echo never waits for long; large pieces follow each other at once. */
const promptGapMs = 20;
const largeBytes = 16 * 1024;
const tail = Buffer.from('}}');
const tooLarge = 'The answer is larger than a message may be; ask for less.';

/**
 * The streams of one connection. Each is pulled: the next event is read from the store only after the last one has
 * left, so a slow client gets fewer, newer facts and never a growing buffer.
 */
export function createStreams({ send, authorize, asOmError, signal }: Options): Streams {
  const live = new Map<string, { name: MethodName; end(error?: OmError): void }>();

  async function sent(message: string | Uint8Array): Promise<boolean> {
    try {
      await send(message);
      return true;
    } catch {
      return false;
    }
  }

  async function pump(
    id: string,
    name: MethodName,
    events: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
    ended: AbortSignal,
  ): Promise<OmError | undefined> {
    const { prompt } = definitionOf(name);
    const head = Buffer.from(`{"jsonrpc":"2.0","method":"stream.event","params":{"stream":"${id}","event":`);
    try {
      for await (const event of events(ended)) {
        if (ended.aborted) return undefined;
        const sentAt = performance.now();
        const message = Buffer.concat([head, event, tail]);
        // The channel would refuse it, and the stream would end as if all were told.
        if (message.length > maxMessageBytes) throw new OmError('TOO_LARGE', tooLarge);
        // The connection is gone: its end is told elsewhere.
        if (!(await sent(message))) return undefined;
        const gapMs = prompt ? (event.length > largeBytes ? 0 : promptGapMs) : minGapMs;
        await pause(gapMs - (performance.now() - sentAt), ended);
      }
      return undefined;
    } catch (error) {
      return ended.aborted ? undefined : asOmError(error, name);
    }
  }

  function open(name: MethodName, events: (signal: AbortSignal) => AsyncIterable<Uint8Array>): string {
    if (live.size >= maxStreams) throw new OmError('LIMIT', `One connection may follow ${maxStreams} streams at once.`);
    const id = randomUUID();
    const stop = new AbortController();
    let reason: OmError | undefined;
    live.set(id, {
      name,
      end(error) {
        reason = error;
        stop.abort();
      },
    });
    const ended = AbortSignal.any([signal, stop.signal]);
    // Begins after the answer that names the stream has been queued.
    setImmediate(async () => {
      const failure = await pump(id, name, events, ended);
      live.delete(id);
      const error = reason ?? failure;
      const params = error ? { stream: id, error: toRpcError(error) } : { stream: id };
      if (!signal.aborted) await sent(JSON.stringify({ jsonrpc: '2.0', method: 'stream.end', params }));
    });
    return id;
  }

  return {
    open,
    stop: (id) => live.get(id)?.end(),
    recheck(actor) {
      for (const { name, end } of live.values()) {
        const { permission } = contract[name];
        if (isGatePermission(permission) || !authorize(actor, permission)) end(new OmError('FORBIDDEN'));
      }
    },
    endAll(error) {
      for (const { end } of live.values()) end(error);
    },
  };
}

const definitionOf = (name: MethodName): MethodDefinition => contract[name];

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
