import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Seals bytes at rest: AES-256-GCM (NIST SP 800-38D) under the master key, with a random 96-bit nonce.
 * `context` names what is sealed (kind, id, version) and is authenticated, so that swapped rows fail to open.
 * Layout: 1 format | 8 key id | 12 nonce | 16 tag | ciphertext.
 */
export interface Sealer {
  /** Id of the key that seals now, 16 hex digits. */
  readonly keyId: string;
  seal(context: string, plain: Uint8Array): Buffer;
  /** Throws when the key is unknown, the bytes were changed, or they belong to another context. */
  open(context: string, sealed: Uint8Array): Buffer;
  /** A 32-byte key for another purpose (HKDF-SHA256, RFC 5869). A rekey changes it. */
  deriveKey(purpose: string): Buffer;
}

export interface MasterKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const format = 1;
const header = 1 + 8 + 12 + 16;

/** The first key seals; all of them open (during a rekey there are two). */
export function createSealer(keys: readonly [MasterKey, ...MasterKey[]]): Sealer {
  const current = keys[0];
  const byId = new Map(keys.map((key) => [key.id, key.key]));
  return {
    keyId: current.id,
    seal(context, plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce);
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(format), Buffer.from(current.id, 'hex'), nonce, cipher.getAuthTag(), body]);
    },
    open(context, sealed) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < header || bytes[0] !== format) throw new Error(`sealed data of ${context} is damaged`);
      const key = byId.get(keyIdOf(bytes));
      if (!key) throw new Error(`${context} is sealed with master key ${keyIdOf(bytes)}, which is not in the key file`);
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(9, 21));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(21, 37));
      return Buffer.concat([decipher.update(bytes.subarray(header)), decipher.final()]);
    },
    deriveKey: (purpose) => Buffer.from(hkdfSync('sha256', current.key, '', `omanager ${purpose}`, 32)),
  };
}

/** Which master key sealed these bytes. */
export function keyIdOf(sealed: Uint8Array): string {
  return Buffer.from(sealed.subarray(1, 9)).toString('hex');
}
