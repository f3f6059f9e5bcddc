/** Why a connection ended. `code` is the WebSocket close code; 1006 when there was none. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

export interface TransportEvents {
  /** At most once, before any message. */
  onOpen(): void;
  onMessage(bytes: Uint8Array): void;
  /** Exactly once, also when the connection could not be made; nothing comes after it. */
  onClose(why: CloseReason): void;
}

export interface Wire {
  send(bytes: Uint8Array): void;
  close(code?: number, reason?: string): void;
}

/** Carries whole binary messages, in order, or closes. Knows nothing of what is in them. */
export interface Transport {
  /** Where it leads, for messages to people. */
  readonly address: string;
  /** Begins to connect; throws for an impossible address. No event comes before it has returned. */
  connect(events: TransportEvents): Wire;
}

/** What is used of a WebSocket: that of browsers, of Node and of the `ws` package all fit. */
export interface WebSocketLike {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: 'error', listener: (event: object) => void): void;
}

export const subprotocol = 'omanager.1';

export interface WebSocketTransportOptions {
  /** ws:// or wss:// with the path, as inviteUrl gives it. */
  url: string;
  /** Opens the socket; by default the platform's own WebSocket. */
  open?: (url: string, subprotocol: string) => WebSocketLike;
}

export function createWebSocketTransport({ url, open = openPlatformSocket }: WebSocketTransportOptions): Transport {
  return {
    address: url,
    connect(events) {
      const socket = open(url, subprotocol);
      socket.binaryType = 'arraybuffer';
      let failure = '';
      let closed = false;
      const wire: Wire = {
        send: (bytes) => {
          // A frame sent while closing is lost either way; the close event tells the rest.
          if (!closed) socket.send(owned(bytes));
        },
        close: (code = 1000, reason = '') => socket.close(code, reason.slice(0, 100)),
      };
      socket.addEventListener('open', () => events.onOpen());
      socket.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) events.onMessage(new Uint8Array(data));
        else wire.close(4400, 'text frame');
      });
      socket.addEventListener('error', (event) => {
        if ('message' in event && typeof event.message === 'string') failure = event.message;
      });
      socket.addEventListener('close', ({ code, reason }) => {
        if (closed) return;
        closed = true;
        events.onClose({ code, reason: reason || failure });
      });
      return wire;
    },
  };
}

function openPlatformSocket(url: string, protocol: string): WebSocketLike {
  return new globalThis.WebSocket(url, protocol);
}

/** WebSocket.send takes no shared memory; sealed commands are their own buffers, so this copies next to never. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}
