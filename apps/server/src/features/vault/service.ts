import { type Credential, type CredentialSecret, credentialSecretSchema, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import { isDuplicate, isReference, type Tx } from '../../db/database.ts';
import type { PageParams } from '../../db/page.ts';
import type { Prepared } from './prepare.ts';
import type { Sealer } from './sealer.ts';
import {
  type CredentialRow,
  deleteCredential,
  findCredential,
  insertCredential,
  pageOfCredentials,
  replaceCredential,
  toCredential,
} from './store.ts';

/** What the vault asks of the inventory: which hosts use a credential. */
export interface CredentialUse {
  /** How many hosts use each of these; those used by none may be absent. */
  countHosts(on: Knex, credentialIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Names of at most `limit` hosts that use it, sorted. */
  hostNames(on: Knex, credentialId: string, limit: number): Promise<string[]>;
}

export interface OpenCredential {
  id: string;
  name: string;
  version: number;
  secret: CredentialSecret;
}

/** The rules of the vault: what goes in is sealed, and only `open` takes it out, inside this process. */
export interface VaultService {
  list(on: Knex, page: PageParams): Promise<{ items: Credential[]; next?: string }>;
  get(on: Knex, name: string): Promise<Credential>;
  add(tx: Tx, name: string, prepared: Prepared): Promise<Credential>;
  replace(tx: Tx, name: string, prepared: Prepared): Promise<Credential>;
  /** Answers the id. */
  remove(tx: Tx, name: string): Promise<string>;
  openRow(row: CredentialRow): OpenCredential;
}

export function createVaultService({
  sealer,
  uses,
  now,
}: {
  sealer: Sealer;
  uses: CredentialUse;
  now: () => number;
}): VaultService {
  return {
    async list(on, page) {
      const { rows, ...next } = await pageOfCredentials(on, page);
      const counts = await uses.countHosts(
        on,
        rows.map(({ id }) => id),
      );
      return { items: rows.map((row) => toCredential(row, counts.get(row.id) ?? 0)), ...next };
    },

    async get(on, name) {
      return shown(on, await required(on, name));
    },

    async add(tx, name, prepared) {
      if (await findCredential(tx, { name })) throw taken(name);
      const at = now();
      const id = uuid();
      const row = { id, name, created_at: at, ...sealedFields(id, 1, prepared, at) };
      try {
        await insertCredential(tx, row);
      } catch (error) {
        throw isDuplicate(error) ? taken(name) : error;
      }
      return toCredential(row, 0);
    },

    async replace(tx, name, prepared) {
      const row = await required(tx, name);
      const fields = sealedFields(row.id, row.version + 1, prepared, now());
      if (!(await replaceCredential(tx, row, fields))) {
        throw new OmError('CONFLICT', `${name} was changed by somebody else at this moment; look and try again.`);
      }
      return shown(tx, { ...row, ...fields });
    },

    async remove(tx, name) {
      const row = await required(tx, name);
      const names = await uses.hostNames(tx, row.id, 6);
      if (names.length > 0) throw inUse(name, names);
      try {
        await deleteCredential(tx, row.id);
      } catch (error) {
        throw isReference(error) ? inUse(name, []) : error;
      }
      return row.id;
    },

    openRow(row) {
      const plain = sealer.open(credentialContext(row), row.sealed);
      const secret = credentialSecretSchema.parse(JSON.parse(plain.toString('utf8')));
      plain.fill(0);
      return { id: row.id, name: row.name, version: row.version, secret };
    },
  };

  function sealedFields(id: string, version: number, { secret, fingerprint }: Prepared, at: number) {
    const { kind, sudoPassword } = secret;
    const plain = Buffer.from(JSON.stringify(secret));
    const sealed = sealer.seal(credentialContext({ id, kind, version }), plain);
    plain.fill(0);
    return { kind, version, fingerprint, has_sudo_password: sudoPassword !== undefined, sealed, updated_at: at };
  }

  async function shown(on: Knex, row: CredentialRow): Promise<Credential> {
    return toCredential(row, (await uses.countHosts(on, [row.id])).get(row.id) ?? 0);
  }
}

/** What a sealed credential is bound to, so that rows that were swapped or set back do not open. */
function credentialContext({ id, kind, version }: Pick<CredentialRow, 'id' | 'kind' | 'version'>): string {
  return `credential|${id}|${kind}|${version}`;
}

async function required(on: Knex, name: string): Promise<CredentialRow> {
  const row = await findCredential(on, { name });
  if (!row) throw new OmError('NOT_FOUND', `There is no credential ${name}.`);
  return row;
}

function taken(name: string): OmError {
  return new OmError('CONFLICT', `There is a credential ${name} already; replace it instead.`);
}

function inUse(name: string, hosts: string[]): OmError {
  const some = hosts.slice(0, 5).join(', ');
  const who = hosts.length > 5 ? `${some} and others` : some || 'some servers';
  return new OmError('CONFLICT', `${name} is used by ${who}; give them another credential first.`, {
    hosts: hosts.slice(0, 5),
  });
}
