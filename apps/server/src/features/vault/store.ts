import type { Credential } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { iso, type PageParams, pageBy } from '../../db/page.ts';

export type CredentialRow = {
  id: string;
  name: string;
  kind: 'key' | 'password';
  version: number;
  /** Of the public half; null for a password. */
  fingerprint: string | null;
  has_sudo_password: number | boolean;
  sealed: Buffer;
  created_at: number;
  updated_at: number;
};

export function findCredential(on: Knex, where: { id: string } | { name: string }): Promise<CredentialRow | undefined> {
  return on('credentials').where(where).first();
}

export function findCredentials(on: Knex, ids: readonly string[]): Promise<CredentialRow[]> {
  return on('credentials').whereIn('id', [...ids]);
}

export function findByNames(on: Knex, names: readonly string[]): Promise<Pick<CredentialRow, 'id' | 'name'>[]> {
  return on('credentials')
    .select('id', 'name')
    .whereIn('name', [...names]);
}

export function findRefs(on: Knex, ids: readonly string[]): Promise<Pick<CredentialRow, 'id' | 'name' | 'version'>[]> {
  return on('credentials')
    .select('id', 'name', 'version')
    .whereIn('id', [...ids]);
}

export async function insertCredential(tx: Tx, row: CredentialRow): Promise<void> {
  await tx('credentials').insert(row);
}

/** False when somebody else replaced that version meanwhile. */
export async function replaceCredential(
  tx: Tx,
  { id, version }: { id: string; version: number },
  fields: Omit<CredentialRow, 'id' | 'name' | 'created_at'>,
): Promise<boolean> {
  return (await tx('credentials').where({ id, version }).update(fields)) === 1;
}

export async function deleteCredential(tx: Tx, id: string): Promise<void> {
  await tx('credentials').where({ id }).delete();
}

export function pageOfCredentials(on: Knex, page: PageParams): Promise<{ rows: CredentialRow[]; next?: string }> {
  return pageBy<CredentialRow>(on('credentials').select('*'), { ...page, key: 'name' });
}

export function toCredential(row: CredentialRow, hosts: number): Credential {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    version: row.version,
    fingerprint: row.fingerprint,
    hasSudoPassword: Boolean(row.has_sudo_password),
    hosts,
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}
