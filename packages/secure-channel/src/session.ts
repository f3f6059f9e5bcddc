import { ChannelError } from './errors.ts';
import type { Primitives } from './primitives.ts';
import { type Bytes, counterBytes, join, messageOverhead, readCounter, tags } from './wire.ts';

/** What a finished handshake leaves behind: one key, and a counter each way. */
export interface Session {
  seal(payload: Uint8Array): Bytes;
  open(command: Uint8Array): Uint8Array;
  wipe(): void;
}

interface SessionOptions {
  crypto: Primitives;
  key: Uint8Array;
  /** Nonce prefixes, and the counter last used by the handshake in that direction. */
  sending: { prefix: Uint8Array; counter: number };
  receiving: { prefix: Uint8Array; counter: number };
  maxPayload: number;
}

const NO_FLAGS = Uint8Array.of(0);

/** MESSAGE: name, counter (8), box of flags (1) and payload. */
export function createSession({ crypto, key, sending, receiving, maxPayload }: SessionOptions): Session {
  let sent = sending.counter;
  let received = receiving.counter;

  return {
    seal(payload) {
      if (payload.length > maxPayload) {
        throw new ChannelError(
          'too_large',
          `The payload has ${payload.length} bytes, at most ${maxPayload} are allowed`,
        );
      }
      // A counter used twice under one key would give the plaintexts away.
      if (sent >= Number.MAX_SAFE_INTEGER) throw new ChannelError('exhausted', 'No counter is left: reconnect');
      const counter = counterBytes(sent + 1);
      const box = crypto.seal(join(NO_FLAGS, payload), join(sending.prefix, counter), key);
      sent += 1;
      return join(tags.MESSAGE, counter, box);
    },

    open(command) {
      if (command.length < messageOverhead) throw new ChannelError('bad_size', 'MESSAGE is shorter than its frame');
      if (command.length - messageOverhead > maxPayload) {
        throw new ChannelError('too_large', `MESSAGE carries more than the ${maxPayload} bytes allowed`);
      }
      if (readCounter(command, 8) !== received + 1) {
        throw new ChannelError('bad_counter', 'MESSAGE is replayed, out of order, or one before it is missing');
      }
      const opened = crypto.open(command.subarray(16), join(receiving.prefix, command.subarray(8, 16)), key);
      if (opened === null) throw new ChannelError('bad_box', 'MESSAGE was altered on its way');
      if (opened[0] !== 0) throw new ChannelError('bad_flags', 'MESSAGE uses flags, which this protocol does not');
      received += 1;
      return opened.subarray(1);
    },

    wipe() {
      key.fill(0);
    },
  };
}
