import nacl from 'tweetnacl';
import type { KeyPair } from '../primitives.ts';

/**
 * CurveZMQ commands put together by hand from the table in docs/protocol.md, independently of the code under test,
 * so that a test can make any field wrong and see exactly that field refused.
 */

export const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
export const hex = (data: Uint8Array): string => Array.from(data, (b) => b.toString(16).padStart(2, '0')).join('');
export const unhex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
export const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
export const pair = (secret: Uint8Array): KeyPair => nacl.box.keyPair.fromSecretKey(secret);

/** What every low-order public key makes of the shared key: known to everybody. */
export const noSecret = nacl.box.before(new Uint8Array(32), filled(32, 1));

function counter(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}

interface Hello {
  key: Uint8Array;
  clientTransient: Uint8Array;
  count?: number;
  version?: number[];
  padding?: Uint8Array;
  contents?: Uint8Array;
}
export function forgeHello(h: Hello): Uint8Array {
  const count = counter(h.count ?? 1);
  return concat(
    bytes('\x05HELLO'),
    Uint8Array.from(h.version ?? [1, 0]),
    h.padding ?? new Uint8Array(72),
    h.clientTransient,
    count,
    nacl.secretbox(h.contents ?? new Uint8Array(64), concat(bytes('CurveZMQHELLO---'), count), h.key),
  );
}

export function forgeWelcome(w: { key: Uint8Array; serverTransient: Uint8Array; cookie?: Uint8Array }): Uint8Array {
  const nonce = filled(16, 0x5a);
  const contents = concat(w.serverTransient, w.cookie ?? filled(96, 0x77));
  return concat(bytes('\x07WELCOME'), nonce, nacl.secretbox(contents, concat(bytes('WELCOME-'), nonce), w.key));
}

export function forgeVouch(v: { key: Uint8Array; clientTransient: Uint8Array; server: Uint8Array }): Uint8Array {
  const nonce = filled(16, 0x6b);
  return concat(nonce, nacl.secretbox(concat(v.clientTransient, v.server), concat(bytes('VOUCH---'), nonce), v.key));
}

interface Initiate {
  key: Uint8Array;
  cookie: Uint8Array;
  client: Uint8Array;
  vouch: Uint8Array;
  metadata?: Uint8Array;
  count?: number;
}
export function forgeInitiate(i: Initiate): Uint8Array {
  const count = counter(i.count ?? 2);
  const contents = concat(i.client, i.vouch, i.metadata ?? new Uint8Array(0));
  const box = nacl.secretbox(contents, concat(bytes('CurveZMQINITIATE'), count), i.key);
  return concat(bytes('\x08INITIATE'), i.cookie, count, box);
}

export function forgeReady(r: { key: Uint8Array; metadata?: Uint8Array; count?: number }): Uint8Array {
  const count = counter(r.count ?? 1);
  const box = nacl.secretbox(r.metadata ?? new Uint8Array(0), concat(bytes('CurveZMQREADY---'), count), r.key);
  return concat(bytes('\x05READY'), count, box);
}

interface Message {
  key: Uint8Array;
  from: 'C' | 'S';
  count: number;
  flags?: number;
  payload?: Uint8Array;
}
export function forgeMessage(m: Message): Uint8Array {
  const count = counter(m.count);
  const contents = concat(Uint8Array.of(m.flags ?? 0), m.payload ?? bytes('forged'));
  const box = nacl.secretbox(contents, concat(bytes(`CurveZMQMESSAGE${m.from}`), count), m.key);
  return concat(bytes('\x07MESSAGE'), count, box);
}

/** Every low-order public key below 2^255, and those that are spelled with p or more. */
export const lowOrderKeys = [
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
].map(unhex);

/** The same key to X25519, another one to a list of keys. */
export function withTopBit(key: Uint8Array): Uint8Array {
  const alias = key.slice();
  alias[31] = (alias[31] ?? 0) | 0x80;
  return alias;
}
