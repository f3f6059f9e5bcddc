import type { Role, Token } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { iso, isoOrNull, type PageParams, pageBy } from '../../../db/page.ts';

export type TokenRow = {
  id: string;
  user_id: string;
  name: string;
  secret_hash: string;
  role: Role;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
};

type ListRow = TokenRow & { user_name: string };

export function findToken(on: Knex, where: { id: string } | { secret_hash: string }): Promise<TokenRow | undefined> {
  return on('tokens').where(where).first();
}

export async function insertToken(tx: Tx, token: TokenRow): Promise<void> {
  await tx('tokens').insert(token);
}

export async function revokeTokens(tx: Tx, where: { id: string } | { user_id: string }, at: number): Promise<number> {
  return tx('tokens').where(where).whereNull('revoked_at').update({ revoked_at: at });
}

export async function touchToken(tx: Tx, id: string, at: number): Promise<void> {
  await tx('tokens').where({ id }).update({ last_used_at: at });
}

export async function listTokens(
  on: Knex,
  { userId, ...page }: PageParams & { userId: string | null },
): Promise<{ items: Token[]; next?: string }> {
  const query = listQuery(on);
  if (userId !== null) query.where({ user_id: userId });
  const { rows, ...next } = await pageBy<ListRow>(query, { ...page, key: 'id', descending: true });
  return { items: rows.map(toToken), ...next };
}

export async function getToken(on: Knex, id: string): Promise<Token | undefined> {
  const row: ListRow | undefined = await listQuery(on).where({ id }).first();
  return row && toToken(row);
}

function listQuery(on: Knex): Knex.QueryBuilder {
  return on('tokens').select('*', on.raw('(select name from users where users.id = tokens.user_id) as user_name'));
}

function toToken(row: ListRow): Token {
  return {
    id: row.id,
    name: row.name,
    userId: row.user_id,
    userName: row.user_name,
    role: row.role,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: isoOrNull(row.last_used_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}
