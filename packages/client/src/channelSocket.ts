import type { Channel, Received } from '@omanager/secure-channel';
import type { CloseReason, Transport } from './transport.ts';

export interface ChannelSocket {
  /** Seals and sends; without effect once closed. */
  send(payload: Uint8Array): void;
  close(code?: number, reason?: string): void;
}

/** `ready`: the handshake had finished. `by`: who ended it, as far as can be known. */
export interface Closed extends CloseReason {
  readonly ready: boolean;
  readonly by: 'us' | 'peer';
}

export interface ChannelSocketOptions {
  transport: Transport;
  /** A new channel, made for this one connection. */
  channel: Channel;
  handshakeTimeoutMs: number;
  onReady(socket: ChannelSocket): void;
  onMessage(payload: Uint8Array): void;
  /** Exactly once, also when no connection could be made. */
  onClose(why: Closed): void;
}

/** Puts a channel on a transport: one command is one message, and whatever breaks the rules closes the connection. */
export function openChannelSocket(options: ChannelSocketOptions): ChannelSocket {
  const { transport, channel, handshakeTimeoutMs, onReady, onMessage, onClose } = options;
  let ready = false;
  let ended = false;

  const deadline = setTimeout(() => end(4408, 'The server did not finish the handshake in time'), handshakeTimeoutMs);

  /** Our own reason wins over what the close event says later. A peer that never closes is not waited for. */
  function end(code: number, reason: string, by: 'us' | 'peer' = 'us'): void {
    if (ended) return;
    ended = true;
    clearTimeout(deadline);
    channel.close();
    if (by === 'us') wire.close(code === 1000 || code >= 3000 ? code : 1000, reason);
    onClose({ code, reason, ready, by });
  }

  function guarded(step: () => void): void {
    if (ended) return;
    try {
      step();
    } catch (error) {
      end(4400, error instanceof Error ? error.message : 'The channel failed');
    }
  }

  function take(received: Received): void {
    for (const command of received.send ?? []) wire.send(command);
    if (received.ready) {
      ready = true;
      clearTimeout(deadline);
      onReady(socket);
    }
    for (const message of received.messages ?? []) onMessage(message);
  }

  const socket: ChannelSocket = {
    send: (payload) => guarded(() => wire.send(channel.seal(payload))),
    close: (code = 1000, reason = '') => end(code, reason),
  };

  const wire = transport.connect({
    onOpen: () =>
      guarded(() => {
        const hello = channel.start();
        if (hello) wire.send(hello);
      }),
    onMessage: (bytes) =>
      guarded(() => {
        const received = channel.receive(bytes);
        if (!(received instanceof Promise)) return take(received);
        // Nothing may come before the answer has left, so nothing has to wait here: the channel refuses it.
        received.then(
          (later) => guarded(() => take(later)),
          (error: unknown) =>
            guarded(() => {
              throw error;
            }),
        );
      }),
    onClose: ({ code, reason }) => end(code, reason, 'peer'),
  });

  return socket;
}
