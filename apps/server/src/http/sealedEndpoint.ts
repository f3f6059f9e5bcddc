import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { maxMessageBytes } from '@omanager/contract';
import { encodeKey, type KeyPair, messageOverhead, type Primitives } from '@omanager/secure-channel';
import { WebSocketServer } from 'ws';
import type { Connections, LiveConnection } from '../rpc/connections.ts';
import type { Admission } from './admission.ts';
import { attachChannel, closeCodes } from './channelSocket.ts';

interface Options {
  serverKeyPair: KeyPair;
  primitives: Primitives;
  admission: Admission;
  connections: Connections;
  addressOf(request: IncomingMessage): string;
  /** Null when the request may go on; else the HTTP status that refuses it. */
  refuse(request: IncomingMessage): number | null;
  handshakeMs: number;
}

const path = '/ws';
const keepAliveMs = 60_000;
const goodbyeMs = 2000;
const protocol = 'omanager.1';
const wireCloseCodes = {
  revoked: closeCodes.revoked,
  going_away: closeCodes.goingAway,
  too_slow: closeCodes.handshakeTimeout,
};

/** Takes `upgrade` requests to the sealed channel. Everything is refused before a WebSocket exists where possible. */
export function createSealedEndpoint(options: Options) {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes + messageOverhead,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?', 1)[0] !== path) return reject(socket, 404);
    const status = options.refuse(request);
    if (status !== null) return reject(socket, status);
    const address = options.addressOf(request);
    const leave = options.admission.enter(address);
    if (!leave) return reject(socket, 429);
    socket.once('close', leave);
    // A peer that vanished without a word is noticed by the system's own probes.
    request.socket.setKeepAlive(true, keepAliveMs);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      let live: LiveConnection | undefined;
      attachChannel({
        socket: webSocket,
        serverKeyPair: options.serverKeyPair,
        primitives: options.primitives,
        maxPayload: maxMessageBytes,
        handshakeMs: options.handshakeMs,
        maxBytes: () => live?.maxBytes ?? 0,
        onReady(channel) {
          live = options.connections.open({
            publicKey: encodeKey(channel.peer.publicKey),
            address,
            signedIn: leave,
            send: (message) => channel.send(typeof message === 'string' ? Buffer.from(message) : message),
            close: (reason, message) => channel.close(wireCloseCodes[reason], message),
          });
          const { receive } = live;
          return receive;
        },
        onClose: () => live?.closed(),
      });
    });
  }

  return {
    upgrade,
    /** Says goodbye to every client and waits until all sockets are gone (they are cut after two seconds). */
    async close() {
      options.connections.closeAll();
      for (const socket of sockets.clients) socket.close(closeCodes.goingAway);
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, goodbyeMs);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(cut);
    },
  };
}

function reject(socket: Duplex, status: number): void {
  // Not left to the peer to close: whoever was refused must not keep the socket.
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
