import { OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import { countHosts, hostNames } from '../inventory/credentialUse.ts';
import { createHandlers, type VaultHandlers } from './handlers.ts';
import type { Sealer } from './sealer.ts';
import { type CredentialUse, createVaultService, type OpenCredential } from './service.ts';
import { findByNames, findCredentials, findRefs } from './store.ts';

export { loadSealer } from './masterKey.ts';
export type { CredentialUse, OpenCredential } from './service.ts';

export interface Vault {
  readonly handlers: VaultHandlers;
  /** For the engines: the secret, opened now and kept by nobody. NOT_FOUND when it was removed. */
  open(credentialId: string): Promise<OpenCredential>;
  /** By id; absent are those that were removed. */
  openMany(credentialIds: readonly string[]): Promise<Map<string, OpenCredential>>;
  /** For the inventory: what credentials are called, never their secrets. */
  readonly names: {
    idsByName(on: Knex, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
    byIds(on: Knex, ids: readonly string[]): Promise<ReadonlyMap<string, { name: string; version: number }>>;
  };
  /** Called after a credential was replaced or removed, so that connections made with it are closed; returns the undo. */
  onChange(listener: (credentialId: string) => void): () => void;
}

export interface VaultOptions {
  db: Database;
  sealer: Sealer;
  /** Default: the inventory. */
  uses?: CredentialUse;
  now?: () => number;
}

/** Most values in one `in (…)`: SQLite takes 32,766, and a statement should stay small. */
const chunkSize = 500;

export function createVault({ db, sealer, uses = { countHosts, hostNames }, now = Date.now }: VaultOptions): Vault {
  const service = createVaultService({ sealer, uses, now });
  const listeners = new Set<(credentialId: string) => void>();
  const changed = (credentialId: string) => {
    for (const listener of [...listeners]) listener(credentialId);
  };

  return {
    handlers: createHandlers({ knex: db.knex, service, changed }),

    async open(credentialId) {
      const [row] = await findCredentials(db.knex, [credentialId]);
      if (!row) throw new OmError('NOT_FOUND', 'The credential was removed.');
      return service.openRow(row);
    },

    async openMany(credentialIds) {
      const opened = new Map<string, OpenCredential>();
      for (const ids of chunksOf(credentialIds)) {
        for (const row of await findCredentials(db.knex, ids)) opened.set(row.id, service.openRow(row));
      }
      return opened;
    },

    names: {
      async idsByName(on, names) {
        const found = new Map<string, string>();
        for (const chunk of chunksOf(names)) {
          for (const { id, name } of await findByNames(on, chunk)) found.set(name, id);
        }
        return found;
      },
      async byIds(on, ids) {
        const found = new Map<string, { name: string; version: number }>();
        for (const chunk of chunksOf(ids)) {
          for (const { id, name, version } of await findRefs(on, chunk)) found.set(id, { name, version });
        }
        return found;
      },
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function* chunksOf(values: readonly string[]): Generator<string[]> {
  const distinct = [...new Set(values)];
  for (let i = 0; i < distinct.length; i += chunkSize) yield distinct.slice(i, i + chunkSize);
}
