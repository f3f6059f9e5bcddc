import type { Socket } from 'node:net';
import { type Channel, ChannelError, type Received } from '@omanager/secure-channel';

/**
 * Carries one channel over a TCP socket the way ZeroMQ does (ZMTP 3.1, RFC 37): a greeting of 64 bytes, then frames of
 * one command each. It lets the channel talk to libzmq, which speaks nothing else.
 */
export interface Bridge {
  /** Settles when the handshake is done; rejects when the connection ends before that. */
  readonly ready: Promise<void>;
  /** Settles when the connection is over, with the channel's refusal if there was one. */
  readonly over: Promise<ChannelError | undefined>;
  send(payload: Uint8Array): void;
  close(): void;
}

const GREETING_BYTES = 64;
const FLAG = { more: 1, long: 2, command: 4 } as const;

export function bridge(socket: Socket, channel: Channel, onMessage: (payload: Uint8Array) => void): Bridge {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined); // whoever does not wait for it looks at `over`

  const take = (received: Received): void => {
    for (const command of received.send ?? []) socket.write(frame(command, FLAG.command));
    if (received.ready) ready.resolve();
    for (const payload of received.messages ?? []) onMessage(payload);
  };

  async function run(): Promise<ChannelError | undefined> {
    try {
      socket.write(greeting());
      const hello = channel.start();
      if (hello) take({ send: [hello] });
      for await (const command of frames(socket)) take(await channel.receive(command));
      return undefined;
    } catch (error) {
      if (!(error instanceof ChannelError)) return undefined; // the socket was cut
      if (error.reply) socket.write(frame(error.reply, FLAG.command));
      return error;
    } finally {
      channel.close();
      socket.destroySoon();
      ready.reject(new Error('the connection ended before the channel was ready'));
    }
  }

  return {
    ready: ready.promise,
    over: run(),
    send: (payload) => void socket.write(frame(channel.seal(payload), 0)),
    close: () => void socket.destroy(),
  };
}

function greeting(): Buffer {
  const bytes = Buffer.alloc(GREETING_BYTES);
  bytes.writeUInt8(0xff, 0);
  bytes.writeUInt8(0x7f, 9);
  bytes.writeUInt8(3, 10);
  bytes.writeUInt8(1, 11);
  bytes.write('CURVE', 12, 'latin1');
  return bytes;
}

function frame(body: Uint8Array, flags: number): Buffer {
  const header = Buffer.alloc(body.length > 255 ? 9 : 2);
  if (body.length > 255) {
    header.writeUInt8(flags | FLAG.long);
    header.writeBigUInt64BE(BigInt(body.length), 1);
  } else {
    header.writeUInt8(flags);
    header.writeUInt8(body.length, 1);
  }
  return Buffer.concat([header, body]);
}

/** The bodies of the frames that arrive after the greeting. */
async function* frames(socket: Socket): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let greeted = false;
  // Leaving this loop must not destroy the socket: a refusal still has its ERROR to send.
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a socket without encoding yields Buffers');
    rest = Buffer.concat([rest, chunk]);
    if (!greeted && rest.length >= GREETING_BYTES) {
      const mechanism = rest.toString('latin1', 12, 32).replaceAll('\0', '');
      if (mechanism !== 'CURVE') throw new Error(`the peer speaks ${mechanism}, not CURVE`);
      rest = rest.subarray(GREETING_BYTES);
      greeted = true;
    }
    while (greeted) {
      const found = firstFrame(rest);
      if (!found) break;
      yield found.body;
      rest = rest.subarray(found.end);
    }
  }
}

function firstFrame(bytes: Buffer): { body: Buffer; end: number } | undefined {
  const long = ((bytes[0] ?? 0) & FLAG.long) !== 0;
  const start = long ? 9 : 2;
  if (bytes.length < start) return undefined;
  const end = start + (long ? Number(bytes.readBigUInt64BE(1)) : bytes.readUInt8(1));
  return bytes.length < end ? undefined : { body: bytes.subarray(start, end), end };
}
