import {
  type ChangeName,
  contract,
  OmError,
  type ParamsIn,
  type QueryName,
  type ResultOf,
  type StreamName,
} from '@omanager/contract';
import { v7 as uuidv7 } from 'uuid';
import { createCalls } from './calls.ts';
import { type ClientState, type ConnectionOptions, startConnection } from './connection.ts';
import { createStreams } from './streams.ts';

export interface CallOptions {
  /** Ends the waiting; what the server already began it still finishes. */
  signal?: AbortSignal;
  /** The idempotency key of a changing call (a UUID); made afresh when left out. */
  id?: string;
}

export interface Client {
  /**
   * Calls a method; waits for a connection when there is none, and is sent again with the same id after a cut.
   * Rejects with an OmError (the server's, or `DISCONNECTED`, `BUSY`, `TOO_LARGE` of the client) or the signal's reason.
   */
  call<N extends QueryName | ChangeName>(name: N, params: ParamsIn<N>, options?: CallOptions): Promise<ResultOf<N>>;
  /**
   * Follows a stream across cuts, without gap and without repeat. A slow reader pauses it, so nothing piles up.
   * Ends when the server ends it; throws an OmError or the signal's reason.
   */
  stream<N extends StreamName>(
    name: N,
    params: ParamsIn<N>,
    options?: { signal?: AbortSignal },
  ): AsyncGenerator<ResultOf<N>, void, undefined>;
  readonly state: ClientState;
  /** While it waits to connect again: tries at once. */
  retryNow(): void;
  /** Tells every change of state; returns the undo. */
  onState(listener: (state: ClientState) => void): () => void;
  /** Ends the connection and fails what waits; for good. */
  close(): void;
}

export interface ClientOptions extends ConnectionOptions {
  maxPending?: number;
  maxPendingBytes?: number;
  onState?: (state: ClientState) => void;
}

/** A client of one server. Begins to connect at once, and comes back by itself until `close` or a final refusal. */
export function createClient(options: ClientOptions): Client {
  const { maxPending = 1000, maxPendingBytes = 32 * 1024 * 1024 } = options;
  const listeners = new Set<(state: ClientState) => void>();
  if (options.onState) listeners.add(options.onState);
  let state: ClientState = { kind: 'connecting', failures: 0, lastReason: null, lastCause: null, retryAt: null };
  let lastId = 0;
  const nextId = (): number => ++lastId;
  const calls = createCalls({ maxPending, maxPendingBytes, maxSends: 10 });
  const streams = createStreams({ calls, nextId });
  const connection = startConnection(options, {
    calls,
    streams,
    nextId,
    onState(next) {
      state = next;
      for (const listener of [...listeners]) listener(next);
    },
  });

  return {
    call(name, params, { signal, id = idFor(name) } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (state.kind === 'closed')
          return reject(state.error ?? new OmError('DISCONNECTED', 'This client was closed.'));
        const settle = (): void => signal?.removeEventListener('abort', onAbort);
        const onAbort = (): void => {
          calls.drop(id);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        calls.add({
          id,
          method: name,
          params,
          signsIn: signIns.has(name),
          onResult(result) {
            settle();
            if (signIns.has(name) && isDone(result)) connection.signedIn();
            const parsed = contract[name].result.safeParse(result);
            // The schema of this very method has just checked it; TypeScript loses that for a generic name.
            if (parsed.success) resolve(parsed.data as ResultOf<typeof name>);
            else reject(unreadable(name, parsed.error.message));
          },
          onError(error) {
            settle();
            if (error.code === 'UNAUTHENTICATED' && !signIns.has(name)) connection.strangerSaid();
            reject(error);
          },
        });
      });
    },
    stream: (name, params, { signal } = {}) => streams.open(name, params, signal),
    get state() {
      return state;
    },
    retryNow: () => connection.retryNow(),
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => connection.close(),
  };

  function idFor(name: QueryName | ChangeName): string | number {
    return contract[name].kind === 'change' ? uuidv7() : nextId();
  }
}

const signIns: ReadonlySet<string> = new Set<QueryName | ChangeName>([
  'access.enrol',
  'access.signIn',
  'access.verifyTotp',
]);

/** The second factor may still be to come. */
const isDone = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'next' in result && result.next === 'done';

const unreadable = (name: string, why: string): OmError =>
  new OmError('INTERNAL', `The answer to ${name} cannot be read; client and server may differ in version.`, { why });
