import type { Role, User } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { iso, isoOrNull, type PageParams, pageBy } from '../../../db/page.ts';

export type UserRow = {
  id: string;
  name: string;
  role: Role;
  password_hash: string;
  totp_sealed: Buffer | null;
  totp_pending_sealed: Buffer | null;
  totp_last_step: number;
  created_at: number;
  disabled_at: number | null;
};

type ListRow = Pick<UserRow, 'id' | 'name' | 'role' | 'created_at' | 'disabled_at'> & {
  totp: number;
  last_seen_at: number | null;
};

export function findUser(on: Knex, where: { id: string } | { name: string }): Promise<UserRow | undefined> {
  return on('users').where(where).first();
}

export async function countUsers(on: Knex): Promise<number> {
  const row = await on('users').count({ n: '*' }).first();
  return Number(row?.n ?? 0);
}

export async function otherActiveAdmins(tx: Tx, userId: string): Promise<number> {
  const row = await tx('users')
    .where({ role: 'admin' })
    .whereNull('disabled_at')
    .whereNot({ id: userId })
    .count({ n: '*' })
    .first();
  return Number(row?.n ?? 0);
}

export async function insertUser(
  tx: Tx,
  user: Pick<UserRow, 'id' | 'name' | 'role' | 'password_hash' | 'created_at'>,
): Promise<void> {
  await tx('users').insert(user);
}

export async function updateUser(tx: Tx, id: string, fields: Partial<Omit<UserRow, 'id' | 'name'>>): Promise<void> {
  await tx('users').where({ id }).update(fields);
}

/** Replaces the hash that was verified; false when it is no longer that one. */
export async function replacePassword(tx: Tx, id: string, from: string, to: string): Promise<boolean> {
  return (await tx('users').where({ id, password_hash: from }).update({ password_hash: to })) === 1;
}

/** Takes a TOTP step; false when this step or a later one was taken before. */
export async function takeTotpStep(tx: Tx, id: string, step: number): Promise<boolean> {
  const changed = await tx('users').where({ id }).where('totp_last_step', '<', step).update({ totp_last_step: step });
  return changed === 1;
}

export async function listUsers(on: Knex, page: PageParams): Promise<{ items: User[]; next?: string }> {
  const { rows, ...next } = await pageBy<ListRow>(listQuery(on), { ...page, key: 'name' });
  return { items: rows.map(toUser), ...next };
}

export async function getUser(on: Knex, name: string): Promise<User | undefined> {
  const row: ListRow | undefined = await listQuery(on).where({ name }).first();
  return row && toUser(row);
}

function listQuery(on: Knex): Knex.QueryBuilder {
  return on('users').select(
    'id',
    'name',
    'role',
    'created_at',
    'disabled_at',
    on.raw('(totp_sealed is not null) as totp'),
    on.raw('(select max(last_seen_at) from devices where devices.user_id = users.id) as last_seen_at'),
  );
}

function toUser(row: ListRow): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    totp: Boolean(row.totp),
    disabled: row.disabled_at !== null,
    createdAt: iso(row.created_at),
    lastSeenAt: isoOrNull(row.last_seen_at),
  };
}
