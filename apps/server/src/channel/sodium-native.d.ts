/** The part of sodium-native that the channel uses; the package ships no types. Wrong sizes and low-order points throw. */
declare module 'sodium-native' {
  export interface Sodium {
    randombytes_buf(out: Uint8Array): void;
    crypto_scalarmult_base(publicKeyOut: Uint8Array, secretKey: Uint8Array): void;
    crypto_scalarmult(sharedOut: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
    crypto_secretbox_easy(boxOut: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
    /** False where the box is forged. */
    crypto_secretbox_open_easy(messageOut: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean;
    sodium_memcmp(a: Uint8Array, b: Uint8Array): boolean;
  }
  const sodium: Sodium;
  export default sodium;
}
