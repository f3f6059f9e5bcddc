import type { Invite, Role } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { iso, isoOrNull, type PageParams, pageBy } from '../../../db/page.ts';

export type InviteRow = {
  id: string;
  code_hash: string;
  role: Role;
  /** Set when the invite is for a new device or password of this user. */
  user_id: string | null;
  created_by: string;
  created_at: number;
  expires_at: number;
  redeemed_at: number | null;
  /** The device that redeemed it. */
  redeemed_by: string | null;
  revoked_at: number | null;
};

type ListRow = InviteRow & { user_name: string | null };

export function isOpen(invite: InviteRow, at: number): boolean {
  return invite.redeemed_at === null && invite.revoked_at === null && invite.expires_at > at;
}

export function findInvite(on: Knex, where: { id: string } | { code_hash: string }): Promise<InviteRow | undefined> {
  return on('invites').where(where).first();
}

export async function insertInvite(tx: Tx, invite: InviteRow): Promise<void> {
  await tx('invites').insert(invite);
}

/** Takes the invite; false when somebody else was faster, or it is revoked or expired. */
export async function redeemInvite(tx: Tx, id: string, deviceId: string, at: number): Promise<boolean> {
  const changed = await tx('invites')
    .where({ id })
    .whereNull('redeemed_at')
    .whereNull('revoked_at')
    .where('expires_at', '>', at)
    .update({ redeemed_at: at, redeemed_by: deviceId });
  return changed === 1;
}

export async function revokeInvites(
  tx: Tx,
  where: { id: string } | { created_by: string } | { user_id: string },
  at: number,
): Promise<number> {
  return tx('invites').where(where).whereNull('redeemed_at').whereNull('revoked_at').update({ revoked_at: at });
}

export async function deleteInvitesBefore(tx: Tx, expiredBefore: number): Promise<number> {
  return tx('invites').where('expires_at', '<', expiredBefore).delete();
}

export async function listInvites(on: Knex, page: PageParams): Promise<{ items: Invite[]; next?: string }> {
  const { rows, ...next } = await pageBy<ListRow>(listQuery(on), { ...page, key: 'id', descending: true });
  return { items: rows.map(toInvite), ...next };
}

export async function getInvite(on: Knex, id: string): Promise<Invite | undefined> {
  const row: ListRow | undefined = await listQuery(on).where({ id }).first();
  return row && toInvite(row);
}

function listQuery(on: Knex): Knex.QueryBuilder {
  return on('invites').select('*', on.raw('(select name from users where users.id = invites.user_id) as user_name'));
}

function toInvite(row: ListRow): Invite {
  return {
    id: row.id,
    role: row.role,
    userName: row.user_name,
    createdBy: row.created_by,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    redeemedAt: isoOrNull(row.redeemed_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}
