import nacl from 'tweetnacl';
import type { Primitives } from './primitives.ts';

/** HSalsa20 of an all-zero X25519 result: what box.before returns for every low-order public key. */
const NO_SECRET = Uint8Array.from([
  0x35, 0x1f, 0x86, 0xfa, 0xa3, 0xb9, 0x88, 0x46, 0x8a, 0x85, 0x01, 0x22, 0xb6, 0x5b, 0x0a, 0xce, 0xce, 0x9c, 0x48,
  0x26, 0x80, 0x6a, 0xee, 0xe6, 0x3d, 0xe9, 0xc0, 0xda, 0x2b, 0xd7, 0xf9, 0x1e,
]);

/** The primitives in plain JavaScript: the same in a browser, in Electron and in Node. */
export const tweetnaclPrimitives: Primitives = {
  name: 'tweetnacl',
  publicKeyOf: (secretKey) => nacl.scalarMult.base(secretKey),
  sharedKey: (publicKey, secretKey) => {
    const key = nacl.box.before(publicKey, secretKey);
    return nacl.verify(key, NO_SECRET) ? null : key;
  },
  seal: (message, nonce, key) => nacl.secretbox(message, nonce, key),
  open: (box, nonce, key) => nacl.secretbox.open(box, nonce, key),
  randomBytes: (length) => nacl.randomBytes(length),
  equal: (a, b) => nacl.verify(a, b),
};
