import { type Client, createClient, createWebSocketTransport, type InviteLink, webSocketUrl } from '@omanager/client';
import { maxMessageBytes, OmError, type ParamsIn, type QueryName, type ResultOf } from '@omanager/contract';
import { type KeyPair, messageOverhead } from '@omanager/secure-channel';
import { WebSocket } from 'ws';

export type WorkerCall = Extract<QueryName, `worker.${string}`>;

export interface ServerLink {
  /**
   * Calls; waits while no server can be reached, and asks the next one after a cut: every method of a worker may come
   * twice. Rejects with the server's refusal, or with the reason of the signal or of `close`.
   */
  call<N extends WorkerCall>(name: N, params: ParamsIn<N>, options?: CallOptions): Promise<ResultOf<N>>;
  readonly connected: boolean;
  close(): void;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** After that long without an answer the connection counts as dead. */
  timeoutMs?: number;
}

interface Options {
  /** In this order; the next one is taken where one cannot be reached. */
  servers: readonly InviteLink[];
  keyPair: KeyPair;
  /** The server says that this key is not accepted any more: for good. */
  onRevoked(message: string): void;
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

const firstPauseMs = 250;
const longestPauseMs = 5000;
const answerMs = 30_000;
/** A connection that broke sooner is no reason to try again faster. */
const steadyMs = 2000;
/** So many refusals without an answer in between mean that this server can do nothing now. */
const mostTroubles = 2;

/** The one outgoing connection of a worker: to one server at a time, and to the next when it is cut. */
export function createServerLink({ servers, keyPair, onRevoked, log }: Options): ServerLink {
  const closed = new AbortController();
  /** The client that is connected, and the one that was made last. */
  let current: Client | undefined;
  let latest: Client | undefined;
  let connected = false;
  let next = 0;
  let failures = 0;
  let troubles = 0;
  let timer: NodeJS.Timeout | undefined;
  let waiting: (() => void)[] = [];

  function connect(): void {
    const server = servers[next++ % servers.length];
    if (!server || closed.signal.aborted) return;
    const url = webSocketUrl(server);
    let openedAt: number | undefined;
    const client = createClient({
      transport: createWebSocketTransport({ url, open: openSocket }),
      serverPublicKey: server.serverPublicKey,
      keyPair,
      // One client is one connection: where it goes next is decided here.
      connectWithinMs: 0,
      reconnectWithinMs: 0,
      onState(state) {
        if (state.kind === 'open') {
          openedAt = performance.now();
          connected = true;
          current = client;
          log.info({ server: url }, 'connected to the server');
          for (const resume of waiting.splice(0)) resume();
        } else if (state.kind === 'closed') ended(url, openedAt, state.error);
      },
    });
    latest = client;
  }

  function ended(url: string, openedAt: number | undefined, error: OmError | null): void {
    current = undefined;
    connected = false;
    if (closed.signal.aborted) return;
    if (error?.code === 'UNAUTHENTICATED') return onRevoked(error.message);
    if (openedAt !== undefined && performance.now() - openedAt > steadyMs) failures = 0;
    log.warn({ server: url, why: error?.message }, 'not connected to the server; trying again');
    // All servers are tried once before there is a pause.
    const round = Math.floor(failures++ / servers.length);
    const longest = failures % servers.length === 0 ? Math.min(longestPauseMs, firstPauseMs * 2 ** round) : 0;
    timer = setTimeout(connect, longest / 2 + (Math.random() * longest) / 2);
  }

  /** A server that has lost its database answers, and cannot do anything: another one may be able to. */
  function isInTrouble(): boolean {
    troubles++;
    if (troubles < mostTroubles || servers.length < 2) return false;
    troubles = 0;
    return true;
  }

  async function clientNow(signal: AbortSignal): Promise<Client> {
    while (!current) {
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      const onAbort = () => resolve();
      signal.addEventListener('abort', onAbort, { once: true });
      await promise;
      signal.removeEventListener('abort', onAbort);
      waiting = waiting.filter((one) => one !== resolve);
    }
    return current;
  }

  connect();
  return {
    async call(name, params, { signal = closed.signal, timeoutMs = answerMs } = {}) {
      const given = AbortSignal.any([signal, closed.signal]);
      for (;;) {
        given.throwIfAborted();
        const client = await clientNow(given);
        const late = AbortSignal.timeout(timeoutMs);
        try {
          const answer = await client.call(name, params, { signal: AbortSignal.any([given, late]) });
          troubles = 0;
          return answer;
        } catch (error) {
          given.throwIfAborted();
          const code = error instanceof OmError ? error.code : undefined;
          if (late.aborted || ((code === 'BUSY' || code === 'INTERNAL') && isInTrouble())) client.close();
          if (!late.aborted && code !== 'DISCONNECTED') throw error;
        }
      }
    },
    get connected() {
      return connected;
    },
    close() {
      closed.abort(new OmError('DISCONNECTED', 'The worker stops.'));
      clearTimeout(timer);
      latest?.close();
    },
  };
}

function openSocket(url: string, subprotocol: string): WebSocket {
  return new WebSocket(url, subprotocol, {
    perMessageDeflate: false,
    maxPayload: maxMessageBytes + messageOverhead,
    handshakeTimeout: 10_000,
  });
}
