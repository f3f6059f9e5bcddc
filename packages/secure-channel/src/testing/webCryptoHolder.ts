import { encodeKey } from '../index.ts';
import { sharedBoxKey } from '../keyHolder.ts';
import type { KeyHolder, KeyPair } from '../primitives.ts';

/** The same key pair, but in WebCrypto and not to be taken out again: as a browser holds it. */
export async function webCryptoHolder({ publicKey, secretKey }: KeyPair): Promise<KeyHolder> {
  const { subtle } = globalThis.crypto;
  const jwk = { kty: 'OKP', crv: 'X25519', x: encodeKey(publicKey), d: encodeKey(secretKey) };
  const key = await subtle.importKey('jwk', jwk, 'X25519', false, ['deriveBits']);
  return {
    publicKey,
    async agree(peerPublicKey) {
      const peer = await subtle.importKey('raw', new Uint8Array(peerPublicKey), 'X25519', false, []);
      return sharedBoxKey(new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: peer }, key, 256)));
    },
  };
}
