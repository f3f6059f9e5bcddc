import { ChannelError } from './errors.ts';
import type { KeyPair, Primitives } from './primitives.ts';
import { tweetnaclPrimitives } from './tweetnaclPrimitives.ts';

/** A fresh X25519 key pair. */
export function generateKeyPair(crypto: Primitives = tweetnaclPrimitives): KeyPair {
  const secretKey = crypto.randomBytes(32);
  return { publicKey: crypto.publicKeyOf(secretKey), secretKey };
}

/** A 32-byte key as text: base64url without padding, 43 characters. Throws `bad_key` for any other length. */
export function encodeKey(key: Uint8Array): string {
  if (key.length !== 32) throw new ChannelError('bad_key', `A key has 32 bytes, not ${key.length}`);
  return btoa(String.fromCharCode(...key))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 43);
}

/** The reverse of encodeKey. Throws `bad_key` unless the text is exactly what encodeKey writes for some key. */
export function decodeKey(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) {
    throw new ChannelError('bad_key', 'A key is written as 43 characters of base64url: check that it was copied whole');
  }
  const key = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  // The last character has two bits to spare; with them set, one key would have four spellings.
  if (encodeKey(key) !== text) throw new ChannelError('bad_key', 'The last character of the key is wrong');
  return key;
}

/**
 * Throws `bad_key` unless these are the one spelling of an X25519 public key: 32 bytes, below 2^255 - 19.
 * X25519 ignores the top bit and reduces the rest, so that every other spelling would be an alias of some key and
 * could slip past a list of keys. (Low-order keys are found when the shared key is computed.)
 */
export function requirePublicKey(key: Uint8Array, whose: string): void {
  const [first = 0] = key;
  const last = key[31];
  const aliased = last === 0x7f && first >= 0xed && key.subarray(1, 31).every((byte) => byte === 0xff);
  if (key.length !== 32 || last === undefined || last > 0x7f || aliased) {
    throw new ChannelError('bad_key', `${whose} is not a well-formed public key`);
  }
}

/** The shared key, or `bad_key` where the public key is of low order. */
export function requireSharedKey(
  crypto: Primitives,
  publicKey: Uint8Array,
  secretKey: Uint8Array,
  whose: string,
): Uint8Array {
  const key = crypto.sharedKey(publicKey, secretKey);
  if (key === null) throw new ChannelError('bad_key', `${whose} is a low-order key, which gives no secret`);
  return key;
}
