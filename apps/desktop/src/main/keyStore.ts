import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OmError } from '@omanager/contract';
import { decodeKey, encodeKey, type KeyPair } from '@omanager/secure-channel';
import { z } from 'zod';
import type { Electron } from './electron.ts';
import { writePrivate } from './files.ts';

const secretsSchema = z.strictObject({ publicKey: z.string(), secretKey: z.string(), session: z.string().nullable() });

/** What one profile may not lose and nobody else may read. */
export interface ProfileSecrets {
  readonly deviceKey: KeyPair;
  /** The session's secret, null when signed out. */
  readonly session: string | null;
}

export interface KeyStore {
  /** Why nothing can be kept on this computer, for people; null when it can. */
  refused(): string | null;
  /** Null when there are none, or when this computer's keychain cannot open them any more. */
  read(slot: string): ProfileSecrets | null;
  save(slot: string, secrets: ProfileSecrets): void;
  rename(from: string, to: string): void;
  remove(slot: string): void;
}

/** Device keys and sessions, sealed by the computer's keychain, one file per profile. */
export function createKeyStore(
  { safeStorage }: Pick<Electron, 'safeStorage'>,
  folder: string,
  platform: NodeJS.Platform,
): KeyStore {
  // A slot is a server's key or that with a mark; its hash is a name that every file system takes.
  const fileOf = (slot: string): string =>
    join(folder, 'keys', `${createHash('sha256').update(slot).digest('hex').slice(0, 40)}.sealed`);

  function refused(): string | null {
    if (platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') {
      return (
        'This desktop has no keyring (gnome-keyring, KWallet), so the device key would lie readable on the disk. ' +
        'Install and unlock one and start OManager again, or use the browser.'
      );
    }
    if (!safeStorage.isEncryptionAvailable())
      return 'The keychain of this computer is locked or missing. Unlock it and start OManager again.';
    return null;
  }

  function require(): void {
    const why = refused();
    if (why !== null) throw new OmError('CONFLICT', why);
  }

  return {
    refused,
    read(slot) {
      if (refused() !== null) return null;
      try {
        const text = safeStorage.decryptString(readFileSync(fileOf(slot)));
        const { publicKey, secretKey, session } = secretsSchema.parse(JSON.parse(text));
        return { deviceKey: { publicKey: decodeKey(publicKey), secretKey: decodeKey(secretKey) }, session };
      } catch {
        return null;
      }
    },
    save(slot, { deviceKey, session }) {
      require();
      const { publicKey, secretKey } = deviceKey;
      const text = JSON.stringify({ publicKey: encodeKey(publicKey), secretKey: encodeKey(secretKey), session });
      writePrivate(fileOf(slot), safeStorage.encryptString(text));
    },
    rename: (from, to) => renameSync(fileOf(from), fileOf(to)),
    remove: (slot) => rmSync(fileOf(slot), { force: true }),
  };
}
