import nacl from 'tweetnacl';
import { isZero } from './checks.ts';
import { ChannelError } from './errors.ts';

interface LowLevel {
  lowlevel: {
    crypto_core_hsalsa20(out: Uint8Array, input: Uint8Array, key: Uint8Array, constant: Uint8Array): void;
  };
}
// tweetnacl publishes it, its types leave it out.
const { lowlevel } = nacl as typeof nacl & LowLevel;
const sigma = Uint8Array.from('expand 32-byte k', (char) => char.charCodeAt(0));

/**
 * NaCl's box key of a raw X25519 result: HSalsa20 with a zero input. Wipes what it was given.
 * Throws `bad_key` for the all-zero result, with which there is no secret.
 */
export function sharedBoxKey(x25519: Uint8Array): Uint8Array {
  if (x25519.length !== 32 || isZero(x25519)) throw new ChannelError('bad_key', 'This gives no shared secret');
  const key = new Uint8Array(32);
  lowlevel.crypto_core_hsalsa20(key, new Uint8Array(16), x25519, sigma);
  x25519.fill(0);
  return key;
}
