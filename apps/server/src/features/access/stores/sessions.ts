import type { Session } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { iso, type PageParams, pageBy } from '../../../db/page.ts';

export type SessionRow = {
  id: string;
  user_id: string;
  device_id: string;
  secret_hash: string;
  address: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  ended_at: number | null;
};

type ListRow = SessionRow & { user_name: string; device_name: string };

const hourMs = 3_600_000;
/** A session ends after this long without a call … */
export const sessionIdleMs = 12 * hourMs;
/** … and this long after the sign-in, whatever happens. */
export const sessionLifeMs = 7 * 24 * hourMs;

export function isLive(session: Pick<SessionRow, 'last_seen_at' | 'expires_at' | 'ended_at'>, at: number): boolean {
  return session.ended_at === null && session.expires_at > at && session.last_seen_at + sessionIdleMs > at;
}

export function findSession(
  on: Knex,
  where: { id: string } | { secret_hash: string },
): Promise<SessionRow | undefined> {
  return on('sessions').where(where).first();
}

export async function insertSession(tx: Tx, session: SessionRow): Promise<void> {
  await tx('sessions').insert(session);
}

/** Ends live sessions; returns how many. `except` stays. */
export async function endSessions(
  tx: Tx,
  where: { id: string } | { user_id: string } | { device_id: string },
  at: number,
  except?: string | null,
): Promise<number> {
  const query = tx('sessions').where(where).whereNull('ended_at');
  if (except) query.whereNot({ id: except });
  return query.update({ ended_at: at });
}

export async function touchSession(tx: Tx, id: string, at: number): Promise<void> {
  await tx('sessions').where({ id }).update({ last_seen_at: at });
}

/** Deletes sessions that ended or expired; returns how many had expired. */
export async function deleteDeadSessions(tx: Tx, at: number): Promise<number> {
  const expired = await tx('sessions')
    .whereNull('ended_at')
    .where((either) => either.where('expires_at', '<=', at).orWhere('last_seen_at', '<=', at - sessionIdleMs))
    .delete();
  await tx('sessions').whereNotNull('ended_at').delete();
  return expired;
}

export async function listSessions(
  on: Knex,
  { userId, at, ...page }: PageParams & { userId: string | null; at: number },
): Promise<{ items: Session[]; next?: string }> {
  const query = on('sessions')
    .select(
      '*',
      on.raw('(select name from users where users.id = sessions.user_id) as user_name'),
      on.raw('(select name from devices where devices.id = sessions.device_id) as device_name'),
    )
    .whereNull('ended_at')
    .where('expires_at', '>', at)
    .where('last_seen_at', '>', at - sessionIdleMs);
  if (userId !== null) query.where({ user_id: userId });
  const { rows, ...next } = await pageBy<ListRow>(query, { ...page, key: 'id', descending: true });
  return { items: rows.map(toSession), ...next };
}

function toSession(row: ListRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    userName: row.user_name,
    deviceId: row.device_id,
    deviceName: row.device_name,
    address: row.address,
    createdAt: iso(row.created_at),
    lastSeenAt: iso(row.last_seen_at),
    expiresAt: iso(Math.min(row.expires_at, row.last_seen_at + sessionIdleMs)),
  };
}
