import { type ChangeName, contract, isMethodName, OmError, type QueryName, type StreamName } from '@omanager/contract';
import { type BridgeEvent, type RequestParams, toBridged } from '@omanager/desktop-bridge';
import type { Connections } from './connections.ts';

/** These give a session's secret, or end it behind the back of who keeps it: the page asks for them by requests of their own. */
const ownRequests: ReadonlySet<string> = new Set([
  'access.enrol',
  'access.signIn',
  'access.resume',
  'access.verifyTotp',
  'access.signOut',
]);
const mostCalls = 1000;
const mostStreams = 200;

export interface Calls {
  send(params: RequestParams<'call.send'>): Promise<unknown>;
  cancel(call: string): void;
  openStream(params: RequestParams<'stream.open'>): void;
  more(stream: string, credit: number): void;
  closeStream(stream: string): void;
  /** The page is gone or was loaded anew: what it waited for is let go. */
  dropAll(): void;
}

interface OpenStream {
  readonly stop: AbortController;
  credit: number;
  /** Ends the wait for credit; also when it was closed meanwhile. */
  wake: () => void;
}

/** What the page calls and follows, over connections that it cannot see. */
export function createCalls(connections: Connections, tell: (event: BridgeEvent) => void): Calls {
  const calls = new Map<string, AbortController>();
  const streams = new Map<string, OpenStream>();

  /** Sends no more than the page has room for; until then the stream itself waits, and with it the server. */
  async function pump(name: string, one: OpenStream, events: AsyncIterable<unknown>): Promise<void> {
    for await (const item of events) {
      while (one.credit === 0) await untilMore(one);
      one.credit--;
      tell({ type: 'stream', stream: name, item });
    }
  }

  return {
    async send({ connection, call, method, params, id }) {
      const name = callable(method);
      if (calls.size >= mostCalls) throw new OmError('BUSY', 'Too many calls are under way in this window.');
      const { client } = connections.get(connection);
      const stop = new AbortController();
      calls.set(call, stop);
      try {
        const checked = contract[name].params.safeParse(params);
        if (!checked.success) throw new OmError('INVALID_PARAMS', `${name}: ${checked.error.issues[0]?.message ?? ''}`);
        // The schema of this very method has just checked them; TypeScript loses that for a union of names.
        const input = params as Parameters<typeof client.call>[1];
        return await client.call(name, input, { signal: stop.signal, ...(id ? { id } : {}) });
      } finally {
        calls.delete(call);
      }
    },
    cancel: (call) => calls.get(call)?.abort(new OmError('DISCONNECTED', 'Nobody waits for this any more.')),

    openStream({ connection, stream, method, params, credit }) {
      const name = followable(method);
      if (streams.size >= mostStreams || streams.has(stream)) throw new OmError('BUSY', 'Too many streams are open.');
      const { client } = connections.get(connection);
      const one: OpenStream = { stop: new AbortController(), credit, wake: () => {} };
      streams.set(stream, one);
      // The server checks them; as above.
      const input = params as Parameters<typeof client.stream>[1];
      pump(stream, one, client.stream(name, input, { signal: one.stop.signal })).then(
        () => over(stream, null),
        (error: unknown) => over(stream, error),
      );
    },
    more(stream, credit) {
      const one = streams.get(stream);
      if (!one) return;
      one.credit = Math.min(one.credit + credit, 10_000);
      one.wake();
    },
    closeStream: drop,
    dropAll() {
      for (const call of calls.values()) call.abort(new OmError('DISCONNECTED', 'The page was closed.'));
      for (const stream of [...streams.keys()]) drop(stream);
    },
  };

  function drop(stream: string): void {
    const one = streams.get(stream);
    streams.delete(stream);
    one?.stop.abort(new OmError('DISCONNECTED', 'Nobody reads this any more.'));
    one?.wake();
  }

  function over(stream: string, error: unknown): void {
    // Who closed it needs not be told.
    if (streams.delete(stream)) tell({ type: 'streamEnd', stream, error: error === null ? null : toBridged(error) });
  }
}

async function untilMore(one: OpenStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  one.wake = resolve;
  await promise;
  one.stop.signal.throwIfAborted();
}

function callable(method: string): QueryName | ChangeName {
  if (!isMethodName(method) || contract[method].kind === 'stream') throw new OmError('METHOD_NOT_FOUND');
  if (ownRequests.has(method)) throw new OmError('FORBIDDEN', 'The page signs in and out by requests of its own.');
  // Not a stream: the line above.
  return method as QueryName | ChangeName;
}

function followable(method: string): StreamName {
  if (!isMethodName(method) || contract[method].kind !== 'stream') throw new OmError('METHOD_NOT_FOUND');
  // A stream: the line above.
  return method as StreamName;
}
