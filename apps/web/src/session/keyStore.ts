import { generateKeyPair, type KeyHolder, type KeyPair, sharedBoxKey } from '@omanager/secure-channel';
import { z } from 'zod';
import type { Box } from './box.ts';

/** The device keys of this browser, one for each server. Where WebCrypto knows X25519, no script can read them. */
export interface KeyStore {
  /** Whether a key outlives the page. */
  keeps(): Promise<boolean>;
  get(name: string): Promise<KeyHolder | KeyPair | null>;
  /** Makes a key, in the place of the one there is. */
  make(name: string): Promise<KeyHolder | KeyPair>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
}

const keptSchema = z.object({ publicKey: z.instanceof(Uint8Array), privateKey: z.instanceof(CryptoKey) });
type Kept = z.infer<typeof keptSchema>;

const nameInBox = (name: string): string => `device:${name}`;

export function createKeyStore(box: Box | null): KeyStore {
  /** Keys that this browser cannot keep: for this page only. */
  const passing = new Map<string, KeyHolder | KeyPair>();

  async function kept(name: string): Promise<Kept | null> {
    return keptSchema.safeParse(await box?.get(nameInBox(name))).data ?? null;
  }

  return {
    keeps: async () => box !== null && (await makeKey()) !== null,
    async get(name) {
      const found = await kept(name);
      return found ? holderOf(found) : (passing.get(name) ?? null);
    },
    async make(name) {
      const made = await makeKey();
      if (made && box) await box.put(nameInBox(name), made);
      const key = made ? holderOf(made) : generateKeyPair();
      if (!made || !box) passing.set(name, key);
      return key;
    },
    async rename(from, to) {
      const found = await kept(from);
      const memory = passing.get(from);
      if (found) await box?.put(nameInBox(to), found);
      else await box?.remove(nameInBox(to));
      if (memory) passing.set(to, memory);
      await this.remove(from);
    },
    async remove(name) {
      passing.delete(name);
      await box?.remove(nameInBox(name));
    },
  };
}

/** A key that cannot be taken out; null where the browser has no X25519. */
async function makeKey(): Promise<Kept | null> {
  const { subtle } = globalThis.crypto;
  try {
    const pair = await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
    if (!('privateKey' in pair)) return null;
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
    return { publicKey, privateKey: pair.privateKey };
  } catch {
    return null;
  }
}

function holderOf({ publicKey, privateKey }: Kept): KeyHolder {
  const { subtle } = globalThis.crypto;
  return {
    publicKey,
    async agree(peerPublicKey) {
      const peer = await subtle.importKey('raw', new Uint8Array(peerPublicKey), { name: 'X25519' }, false, []);
      const shared = await subtle.deriveBits({ name: 'X25519', public: peer }, privateKey, 256);
      return sharedBoxKey(new Uint8Array(shared));
    },
  };
}
