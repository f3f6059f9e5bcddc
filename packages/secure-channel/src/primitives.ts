/** An X25519 key pair, 32 raw bytes each. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A device key whose secret half this code never sees: it stays in WebCrypto, in a keychain, in another process. */
export interface KeyHolder {
  readonly publicKey: Uint8Array;
  /** The key shared with that peer, `sharedBoxKey` of X25519, in an array of its own: it is wiped after use. */
  agree(peerPublicKey: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/**
 * All the cryptography a channel uses (NaCl's box, taken apart). Implementations must give the same bytes.
 * Keys are 32 bytes, nonces 24. NaCl's box with a computed key and its secretbox are one algorithm
 * (XSalsa20-Poly1305, 16-byte tag first), so `seal` and `open` serve as both.
 */
export interface Primitives {
  /** What to call it in a log: 'tweetnacl', 'sodium-native'. */
  readonly name: string;
  /** The X25519 public key of a secret key; clamps a copy, as X25519 demands. */
  publicKeyOf(secretKey: Uint8Array): Uint8Array;
  /** The key that two sides share: HSalsa20(X25519). Null for a low-order public key, with which there is no secret. */
  sharedKey(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array | null;
  /** Tag and ciphertext: 16 bytes longer than the message. */
  seal(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
  /** The message, in a buffer of its own, or null where the box is forged or too short. */
  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | null;
  randomBytes(length: number): Uint8Array;
  /** Compares in constant time; arrays of unequal length differ. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}
