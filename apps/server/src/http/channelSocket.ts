import {
  ChannelError,
  createServer,
  type KeyPair,
  maxHandshakeBytes,
  messageOverhead,
  type Peer,
  type Primitives,
} from '@omanager/secure-channel';
import type { WebSocket } from 'ws';
import { freeBytes } from './freeBytes.ts';

/** Close codes of the sealed WebSocket; docs/protocol.md lists them. */
export const closeCodes = {
  goingAway: 1001,
  violation: 4400,
  revoked: 4401,
  handshakeTimeout: 4408,
  tooLarge: 4413,
  tooMany: 4429,
} as const;

export interface ChannelSocket {
  readonly peer: Peer;
  /**
   * Resolves when the bytes have left for the network: awaiting it is the back-pressure. Throws once closed. The payload
   * is given away: it is sealed and freed.
   */
  send(payload: Uint8Array): Promise<void>;
  close(code: number, reason: string): void;
}

interface Options {
  socket: WebSocket;
  serverKeyPair: KeyPair;
  primitives: Primitives;
  maxPayload: number;
  handshakeMs: number;
  /** The peer holds its key: return what takes its messages. The next message is read when the promise resolves. */
  onReady(channel: ChannelSocket): (payload: Uint8Array) => Promise<void> | void;
  /** Largest message that may come now, in bytes; before the handshake is over it is 1 KiB. */
  maxBytes(): number;
  onClose(): void;
}

/** Ties one WebSocket to one secure channel: one binary message is one command, and calls are serialised. */
export function attachChannel(options: Options): void {
  const { socket } = options;
  const channel = createServer({
    serverKeyPair: options.serverKeyPair,
    crypto: options.primitives,
    maxPayload: options.maxPayload,
    // Any key may open a channel; what an unknown one reaches is only `enrol`.
    authorize: () => true,
  });
  let take: ((payload: Uint8Array) => Promise<void> | void) | undefined;
  let busy = Promise.resolve();
  const deadline = setTimeout(() => end(closeCodes.handshakeTimeout, 'handshake deadline'), options.handshakeMs);

  function end(code: number, reason: string): void {
    clearTimeout(deadline);
    channel.close();
    if (socket.readyState === socket.OPEN) socket.close(code, reason.slice(0, 100));
    // A peer that does not answer the close frame must not keep the socket.
    setTimeout(() => socket.terminate(), 2000).unref();
  }

  function sendRaw(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.send(bytes, { binary: true }, (error) => (error ? reject(error) : resolve()));
    });
  }

  const connection: Omit<ChannelSocket, 'peer'> = {
    async send(payload) {
      const sealed = channel.seal(payload);
      freeBytes(payload);
      await sendRaw(sealed);
      freeBytes(sealed);
    },
    close: end,
  };

  async function receive(bytes: Uint8Array): Promise<void> {
    if (bytes.length > (take ? options.maxBytes() + messageOverhead : maxHandshakeBytes))
      throw new ChannelError('too_large', 'larger than what is taken now');
    const { send = [], messages = [], ready } = await channel.receive(bytes);
    for (const command of send) await sendRaw(command);
    if (ready && channel.peer) {
      clearTimeout(deadline);
      take = options.onReady({ ...connection, peer: channel.peer });
    }
    for (const message of messages) await take?.(message);
  }

  socket.on('message', (data, isBinary) => {
    if (!isBinary || !(data instanceof Uint8Array)) return end(closeCodes.violation, 'binary messages only');
    // Serialised, and the socket is not read meanwhile: a peer cannot fill our memory with what we have not handled.
    socket.pause();
    busy = busy
      .then(() => receive(data))
      .then(
        () => socket.resume(),
        (error) => {
          socket.resume();
          if (!(error instanceof ChannelError)) return end(closeCodes.violation, 'failed');
          if (error.reply) socket.send(error.reply, { binary: true });
          end(error.code === 'too_large' ? closeCodes.tooLarge : closeCodes.violation, error.code);
        },
      );
  });
  socket.on('error', () => end(closeCodes.tooLarge, 'message too large'));
  socket.on('close', () => {
    clearTimeout(deadline);
    channel.close();
    options.onClose();
  });
}
