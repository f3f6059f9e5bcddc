import { ChannelError } from './errors.ts';
import type { Primitives } from './primitives.ts';
import { type Bytes, join, messageOverhead, readCounter, tags, writeCounter } from './wire.ts';

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

/** Offsets in MESSAGE: name, counter (8), box of flags (1) and payload. */
const AT = { counter: 8, box: 16 } as const;

export function createSession({ crypto, key, sending, receiving, maxPayload }: SessionOptions): Session {
  let sent = sending.counter;
  let received = receiving.counter;
  const nonce = { sending: nonceOf(sending.prefix), receiving: nonceOf(receiving.prefix) };

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
      const contents = new Uint8Array(1 + payload.length); // flags 0
      contents.set(payload, 1);
      writeCounter(nonce.sending, COUNTER_IN_NONCE, sent + 1);
      const box = crypto.seal(contents, nonce.sending, key);
      sent += 1;
      const command = new Uint8Array(AT.box + box.length);
      command.set(tags.MESSAGE);
      writeCounter(command, AT.counter, sent);
      command.set(box, AT.box);
      return command;
    },

    open(command) {
      if (command.length < messageOverhead) throw new ChannelError('bad_size', 'MESSAGE is shorter than its frame');
      if (command.length - messageOverhead > maxPayload) {
        throw new ChannelError('too_large', `MESSAGE carries more than the ${maxPayload} bytes allowed`);
      }
      const counter = readCounter(command, AT.counter);
      if (counter !== received + 1) {
        throw new ChannelError('bad_counter', 'MESSAGE is replayed, out of order, or one before it is missing');
      }
      writeCounter(nonce.receiving, COUNTER_IN_NONCE, counter);
      const opened = crypto.open(command.subarray(AT.box), nonce.receiving, key);
      if (opened === null) throw new ChannelError('bad_box', 'MESSAGE was altered on its way');
      if (opened[0] !== 0) throw new ChannelError('bad_flags', 'MESSAGE uses flags, which this protocol does not');
      received = counter;
      return opened.subarray(1);
    },

    wipe() {
      key.fill(0);
    },
  };
}

const COUNTER_IN_NONCE = 16;
const nonceOf = (prefix: Uint8Array): Uint8Array => join(prefix, new Uint8Array(8));
