import { createSecretKey } from 'node:crypto';
import type { Client } from 'ssh2';

/** What ssh2 1.17 keeps of a finished handshake, as far as we touch it. All of it is its own business, so it may be absent. */
interface Internals {
  _protocol?: {
    _offer?: { lists?: { all?: Uint8Array } };
    _kex?: { _keys?: unknown };
    _remoteIdentRaw?: unknown;
    _cipher?: { _encKey?: unknown };
    _decipher?: { _tag?: unknown; _decipherKey?: unknown };
  };
}

type Offer = NonNullable<NonNullable<Internals['_protocol']>['_offer']>;

/** Few: they differ by the kinds of host keys that are asked for. */
const offers = new Map<string, Offer>();
const maxOffers = 64;

/**
 * Gives up what a signed-in client no longer needs, about a quarter of its memory: there may be ten thousand idle ones.
 * Equal offers of algorithms are shared (they are needed again when the server asks for new keys), the key pair of the
 * finished exchange goes (each makes its own), and small buffers that live on no longer hold a piece of Node's pool each.
 */
export function slim(client: Client): void {
  // Private to ssh2: looked at with care, and nothing is lost where another version has something else there.
  const protocol = (client as unknown as Internals)._protocol;
  if (!protocol) return;
  if (protocol._offer) protocol._offer = shared(protocol._offer);
  if (protocol._kex?._keys) protocol._kex._keys = undefined;
  protocol._remoteIdentRaw = unpooled(protocol._remoteIdentRaw);
  const { _cipher: cipher, _decipher: decipher } = protocol;
  if (decipher?._tag) decipher._tag = unpooled(decipher._tag);
  // ssh2 makes a cipher for each packet, and Node takes as long for looking at a plain key as for the encryption.
  if (decipher?._decipherKey) decipher._decipherKey = prepared(decipher._decipherKey);
  if (cipher?._encKey) cipher._encKey = prepared(cipher._encKey);
}

function prepared(key: unknown): unknown {
  return Buffer.isBuffer(key) ? createSecretKey(key) : key;
}

function shared(offer: Offer): Offer {
  const all = offer.lists?.all;
  if (!(all instanceof Uint8Array)) return offer;
  const name = Buffer.from(all.buffer, all.byteOffset, all.byteLength).toString('latin1');
  const known = offers.get(name);
  if (!known && offers.size < maxOffers) offers.set(name, offer);
  return known ?? offer;
}

function unpooled(bytes: unknown): unknown {
  if (!Buffer.isBuffer(bytes)) return bytes;
  const own = Buffer.alloc(bytes.length);
  own.set(bytes);
  return own;
}
