import { z } from 'zod';
import type { Box } from './box.ts';

/**
 * The secrets of sessions, so that a reload does not sign anybody out: each sealed by a key of its own that no script can
 * read. Without a box they are kept nowhere.
 */
export interface SessionSecrets {
  read(profileId: string): Promise<string | null>;
  keep(profileId: string, secret: string): Promise<void>;
  forget(profileId: string): Promise<void>;
}

const sealedSchema = z.object({
  key: z.instanceof(CryptoKey),
  iv: z.instanceof(Uint8Array),
  data: z.instanceof(ArrayBuffer),
});
const nameInBox = (profileId: string): string => `session:${profileId}`;

export function createSessionSecrets(box: Box | null): SessionSecrets {
  const { subtle } = globalThis.crypto;
  /** Sealed for this profile only. */
  const sealing = (profileId: string, iv: Uint8Array<ArrayBuffer>) => ({
    name: 'AES-GCM',
    iv,
    additionalData: new TextEncoder().encode(profileId),
  });

  return {
    async read(profileId) {
      const sealed = sealedSchema.safeParse(await box?.get(nameInBox(profileId))).data;
      if (!sealed) return null;
      try {
        const opened = await subtle.decrypt(sealing(profileId, new Uint8Array(sealed.iv)), sealed.key, sealed.data);
        return new TextDecoder().decode(opened);
      } catch {
        return null;
      }
    },
    async keep(profileId, secret) {
      if (!box) return;
      const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const data = await subtle.encrypt(sealing(profileId, iv), key, new TextEncoder().encode(secret));
      await box.put(nameInBox(profileId), { key, iv, data });
    },
    async forget(profileId) {
      await box?.remove(nameInBox(profileId));
    },
  };
}
