import { type Primitives, tweetnaclPrimitives } from '@omanager/secure-channel';
import type { Sodium } from 'sodium-native';
import nacl from 'tweetnacl';

const TAG_BYTES = 16;
const SIGMA = Uint8Array.from('expand 32-byte k', (char) => char.charCodeAt(0));
const ZEROS = new Uint8Array(32);

/** The types of tweetnacl leave out its low-level half; the test beside this file holds this signature to its word. */
type LowLevel = {
  crypto_core_hsalsa20(out: Uint8Array, input: Uint8Array, key: Uint8Array, constant: Uint8Array): number;
};
const { crypto_core_hsalsa20: hsalsa20 } = (nacl as typeof nacl & { lowlevel: LowLevel }).lowlevel;

/** sodium-native where it loads (several times faster), else tweetnacl: the same bytes either way. */
export async function loadPrimitives(): Promise<Primitives> {
  try {
    return createSodiumPrimitives((await import('sodium-native')).default);
  } catch {
    return tweetnaclPrimitives; // an optional dependency: no build for this platform, or not installed
  }
}

function createSodiumPrimitives(sodium: Sodium): Primitives {
  return {
    name: 'sodium-native',
    publicKeyOf(secretKey) {
      const publicKey = new Uint8Array(32);
      sodium.crypto_scalarmult_base(publicKey, secretKey);
      return publicKey;
    },
    sharedKey(publicKey, secretKey) {
      const point = multiply(sodium, publicKey, secretKey);
      if (point === null) return null;
      const key = new Uint8Array(32);
      hsalsa20(key, ZEROS.subarray(0, 16), point, SIGMA); // crypto_box_beforenm, which sodium-native does not offer
      point.fill(0);
      return key;
    },
    seal(message, nonce, key) {
      const box = new Uint8Array(message.length + TAG_BYTES);
      sodium.crypto_secretbox_easy(box, message, nonce, key);
      return box;
    },
    open(box, nonce, key) {
      if (box.length < TAG_BYTES) return null;
      const message = new Uint8Array(box.length - TAG_BYTES);
      return sodium.crypto_secretbox_open_easy(message, box, nonce, key) ? message : null;
    },
    randomBytes(length) {
      const bytes = new Uint8Array(length);
      sodium.randombytes_buf(bytes);
      return bytes;
    },
    equal: (a, b) => a.length === b.length && a.length > 0 && sodium.sodium_memcmp(a, b),
  };
}

/** X25519, or null for a low-order point, for which sodium throws; it also throws for wrong sizes, which are our bugs. */
function multiply(sodium: Sodium, publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array | null {
  if (publicKey.length !== 32 || secretKey.length !== 32) throw new TypeError('X25519 keys have 32 bytes');
  const point = new Uint8Array(32);
  try {
    sodium.crypto_scalarmult(point, secretKey, publicKey);
  } catch {
    return null;
  }
  return nacl.verify(point, ZEROS) ? null : point;
}
