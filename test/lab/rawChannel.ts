import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { maxMessageBytes } from '@omanager/contract';
import { createClient, type KeyPair } from '@omanager/secure-channel';
import { type ClientOptions, type RawData, WebSocket } from 'ws';

/** An answer as it came, or a notification. */
export interface RawMessage {
  id?: string | number | null;
  method?: string;
  params?: { stream?: string; event?: unknown; error?: RawError };
  result?: unknown;
  error?: RawError;
}

export interface RawError {
  code: number;
  message: string;
  data?: { code: string; details?: Record<string, unknown> };
}

/** A sealed connection without a client's manners: it sends what it is told. */
export interface RawChannel {
  readonly socket: WebSocket;
  /** Every frame that was sent, as an eavesdropper would have it. */
  readonly sent: Uint8Array[];
  /** Everything that came and was no answer to `call`. */
  readonly unasked: RawMessage[];
  /** Seals and sends these bytes or this text. */
  send(payload: string | Uint8Array): void;
  /** Sends a frame as it is. */
  sendFrame(bytes: Uint8Array | string): void;
  /** The answer to one call: its error's code, or its result. */
  call(method: string, params?: unknown, id?: string | number): Promise<RawMessage>;
  /** The next message that is no answer to `call`. */
  next(): Promise<RawMessage | RawMessage[]>;
  /** How it ended. */
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): void;
}

export interface RawChannelOptions {
  url: string;
  serverPublicKey: Uint8Array;
  keyPair: KeyPair;
  /** Further options of the WebSocket, such as `localAddress` or `origin`. */
  socket?: ClientOptions & { localAddress?: string };
}

export function webSocketOf(url: string): string {
  return `${url.replace(/^http/, 'ws')}/ws`;
}

/** Connects and completes the handshake. Throws with the HTTP status, or the close code, that refused it. */
export async function openRawChannel({
  url,
  serverPublicKey,
  keyPair,
  socket: options = {},
}: RawChannelOptions): Promise<RawChannel> {
  const socket = new WebSocket(webSocketOf(url), 'omanager.1', { perMessageDeflate: false, ...options });
  socket.binaryType = 'nodebuffer';
  const channel = createClient({ serverPublicKey, clientKeyPair: keyPair, maxPayload: maxMessageBytes });
  const sent: Uint8Array[] = [];
  const unasked: RawMessage[] = [];
  const waiting = new Map<string | number, (message: RawMessage) => void>();
  const arrived: (RawMessage | RawMessage[])[] = [];
  const asked: ((message: RawMessage | RawMessage[]) => void)[] = [];
  const ready = Promise.withResolvers<void>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      ready.reject(new Error(`closed with ${code} ${reason}`));
      resolve({ code, reason: reason.toString() });
    });
  });
  socket.on('error', (error) => ready.reject(error));

  function sendFrame(bytes: Uint8Array | string): void {
    if (typeof bytes !== 'string') sent.push(bytes);
    socket.send(bytes);
  }

  function take(message: RawMessage | RawMessage[]): void {
    if (!Array.isArray(message)) {
      const resolve = message.id == null ? undefined : waiting.get(message.id);
      if (resolve && message.id != null) {
        waiting.delete(message.id);
        return resolve(message);
      }
      unasked.push(message);
    }
    const next = asked.shift();
    if (next) next(message);
    else arrived.push(message);
  }

  socket.on('message', (data: RawData) => {
    if (!(data instanceof Uint8Array)) return;
    const { send = [], messages = [], ready: done } = channel.receive(data);
    for (const command of send) sendFrame(command);
    if (done) ready.resolve();
    for (const message of messages) take(JSON.parse(Buffer.from(message).toString('utf8')));
  });
  await Promise.race([once(socket, 'open'), ready.promise]);
  const hello = channel.start();
  if (hello) sendFrame(hello);
  await ready.promise;

  const send = (payload: string | Uint8Array) =>
    sendFrame(channel.seal(typeof payload === 'string' ? Buffer.from(payload) : payload));
  return {
    socket,
    sent,
    unasked,
    send,
    sendFrame,
    call(method, params = {}, id = randomUUID()) {
      return new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        void closed.then(({ code, reason }) => reject(new Error(`closed with ${code} ${reason} during ${method}`)));
        send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      });
    },
    next: () =>
      new Promise((resolve, reject) => {
        const message = arrived.shift();
        if (message) return resolve(message);
        asked.push(resolve);
        void closed.then(({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`)));
      }),
    closed,
    close: () => socket.terminate(),
  };
}

/** The outcome of a call in one word: `ok` or the code of its error. */
export function outcomeOf({ error }: RawMessage): string {
  return error ? (error.data?.code ?? String(error.code)) : 'ok';
}

/** One POST /rpc; `status` 204 has no answer. */
export async function postRpc(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ status: number; answer: RawMessage | RawMessage[] | null }> {
  const response = await fetch(`${url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : Buffer.from(body),
  });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? null : JSON.parse(text) };
}
