import type { Client, ClientState } from '@omanager/client';
import type { ResultOf } from '@omanager/contract';
import type { AskDesktop } from './ask.ts';
import type { BridgedState } from './bridge.ts';
import { fromBridged } from './errors.ts';
import { createStreamQueue } from './streamQueue.ts';

/** How many events of a stream may be on their way or unread; the main process sends no more until told. */
const credit = 64;

/** The client of a connection that lives in the main process. Acts as packages/client does; the sealing is over there. */
export function createBridgedClient({ ask, onEvent }: AskDesktop, connection: number, first: BridgedState): Client {
  const listeners = new Set<(state: ClientState) => void>();
  let state = toState(first);
  const undo = onEvent((event) => {
    if (event.type !== 'state' || event.connection !== connection) return;
    state = toState(event.state);
    for (const listener of [...listeners]) listener(state);
  });
  const tell = (sent: Promise<unknown>): void => void sent.catch(() => {});

  return {
    async call(name, params, { signal, id } = {}) {
      signal?.throwIfAborted();
      const call = crypto.randomUUID();
      const stop = Promise.withResolvers<never>();
      const onAbort = (): void => {
        tell(ask('call.cancel', { call }));
        stop.reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        const sent = ask('call.send', { connection, call, method: name, params, ...(id ? { id } : {}) });
        // The main process has checked it against the schema of this very method.
        return (await Promise.race([sent, stop.promise])) as ResultOf<typeof name>;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },

    async *stream(name, params, { signal } = {}) {
      signal?.throwIfAborted();
      const stream = crypto.randomUUID();
      const queue = createStreamQueue();
      const stopListening = onEvent((event) => {
        if (event.type === 'stream' && event.stream === stream) queue.add(event.item);
        else if (event.type === 'streamEnd' && event.stream === stream)
          queue.end(event.error ? fromBridged(event.error) : null);
      });
      const onAbort = (): void => queue.end(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        await ask('stream.open', { connection, stream, method: name, params, credit });
        let read = 0;
        for await (const item of queue) {
          // As above: of this method, and checked.
          yield item as ResultOf<typeof name>;
          if (++read % (credit / 2) === 0) tell(ask('stream.more', { stream, credit: credit / 2 }));
        }
      } finally {
        signal?.removeEventListener('abort', onAbort);
        stopListening();
        tell(ask('stream.close', { stream }));
      }
    },

    get state() {
      return state;
    },
    retryNow: () => tell(ask('connection.retryNow', { connection })),
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      undo();
      tell(ask('connection.close', { connection }));
    },
  };
}

function toState(state: BridgedState): ClientState {
  return state.kind === 'closed' ? { kind: 'closed', error: state.error && fromBridged(state.error) } : state;
}
