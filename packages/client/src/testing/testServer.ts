import { OmError, type RpcRequest, rpcRequestSchema, toRpcError } from '@omanager/contract';
import { type Channel, createServer, generateKeyPair, type Received } from '@omanager/secure-channel';
import type { Transport, TransportEvents } from '../transport.ts';

/** A server for the tests of this package: real channel, real JSON-RPC, no socket, and as unreliable as told. */
export interface TestServerOptions {
  /** Answers queries and changes; throws OmErrors. */
  call?: (request: RpcRequest) => unknown;
  /** Feeds a stream until the signal; returning ends it. */
  stream?: (request: RpcRequest, emit: (event: unknown) => void, signal: AbortSignal) => Promise<void>;
  /** Streams begin so many event loop turns before the answer that names them. */
  overtaking?: number;
  /** The n-th connection is cut after so many frames, counted both ways; those not named here stay whole. */
  cutAfter?: readonly number[];
}

const streamMethods = new Set(['runs.watch', 'runs.tail', 'audit.follow']);

function afterTurns(turns: number, then: () => void): void {
  setImmediate(() => (turns > 1 ? afterTurns(turns - 1, then) : then()));
}

export function createTestServer({ call = () => ({}), stream, overtaking = 0, cutAfter = [] }: TestServerOptions) {
  const keyPair = generateKeyPair();
  const firstAnswers = new Map<string | number, object>();
  const stats = { connections: 0, executed: new Map<string | number, number>(), methods: [] as string[] };
  let current: { close(code: number, reason?: string): void; silence(): void } | undefined;

  const transport: Transport = {
    address: 'test',
    connect(events) {
      const connection = connect(events, cutAfter[stats.connections++] ?? Number.POSITIVE_INFINITY);
      current = connection;
      return { send: connection.fromClient, close: connection.closedByClient };
    },
  };

  function connect(events: TransportEvents, frames: number) {
    const channel: Channel = createServer({ serverKeyPair: keyPair, authorize: () => true, maxPayload: 8 << 20 });
    const streams = new Map<string, AbortController>();
    let left = frames;
    let open = true;
    let silent = false;

    const finish = (): boolean => {
      if (!open) return false;
      open = false;
      for (const controller of streams.values()) controller.abort();
      return true;
    };
    const close = (code: number, reason = ''): void => {
      if (finish()) queueMicrotask(() => events.onClose({ code, reason }));
    };
    /** Frames are carried later and in order, as by a socket. */
    const carry = (deliver: () => void): void => {
      setImmediate(() => {
        if (!open) return;
        if (left-- <= 0) close(1006);
        else deliver();
      });
    };
    const sendRaw = (bytes: Uint8Array): void => carry(() => silent || events.onMessage(bytes));
    const reply = (message: object): void => {
      if (open) sendRaw(channel.seal(new TextEncoder().encode(JSON.stringify(message))));
    };
    setImmediate(() => open && events.onOpen());

    function receive(bytes: Uint8Array): Received | undefined {
      try {
        const received = channel.receive(bytes);
        return received instanceof Promise ? undefined : received;
      } catch {
        return undefined;
      }
    }

    function answer(request: RpcRequest): void {
      const { id = null, method } = request;
      stats.methods.push(method);
      if (id === null) return;
      if (method === 'stream.stop') streams.get(String(request.params?.stream))?.abort();
      if (streamMethods.has(method)) startStream(request);
      else replyOnce(request, id);
    }

    /** As the real server: a repeated id gets the first answer. */
    function replyOnce(request: RpcRequest, id: string | number): void {
      const known = typeof id === 'string' ? firstAnswers.get(id) : undefined;
      const response = known ?? { jsonrpc: '2.0', id, ...execute(request, id) };
      if (typeof id === 'string') firstAnswers.set(id, response);
      reply(response);
    }

    function execute(request: RpcRequest, id: string | number): object {
      stats.executed.set(id, (stats.executed.get(id) ?? 0) + 1);
      try {
        return { result: call(request) };
      } catch (error) {
        return { error: toRpcError(error instanceof OmError ? error : new OmError('INTERNAL', String(error))) };
      }
    }

    function startStream(request: RpcRequest): void {
      const name = `s${streams.size + 1}`;
      const controller = new AbortController();
      streams.set(name, controller);
      const { signal } = controller;
      const emit = (event: unknown): void => {
        if (!signal.aborted) reply({ jsonrpc: '2.0', method: 'stream.event', params: { stream: name, event } });
      };
      const end = (error?: unknown): void => {
        if (signal.aborted) return;
        const data = error instanceof OmError ? { error: toRpcError(error) } : {};
        reply({ jsonrpc: '2.0', method: 'stream.end', params: { stream: name, ...data } });
      };
      const named = (): void => reply({ jsonrpc: '2.0', id: request.id, result: { stream: name } });
      if (overtaking === 0) named();
      else afterTurns(overtaking, named);
      stream?.(request, emit, signal).then(() => end(), end);
    }

    return {
      close,
      silence: () => {
        silent = true;
      },
      closedByClient: (code = 1000) => close(code),
      fromClient: (bytes: Uint8Array): void =>
        carry(() => {
          const received = receive(bytes);
          if (!received) return close(4400);
          for (const command of received.send ?? []) sendRaw(command);
          for (const message of received.messages ?? []) {
            answer(rpcRequestSchema.parse(JSON.parse(new TextDecoder().decode(message))));
          }
        }),
    };
  }

  return {
    transport,
    serverPublicKey: keyPair.publicKey,
    stats,
    /** Ends the connection of now with this close code. */
    close: (code: number, reason?: string) => current?.close(code, reason),
    /** From now on this connection looks alive and nothing comes through any more. */
    silence: () => current?.silence(),
  };
}
