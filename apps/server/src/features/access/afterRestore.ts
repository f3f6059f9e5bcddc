import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';

/** Nobody is signed in by a restore: a session may have been ended since the backup, and signing in again is cheap. */
export async function endSessionsOfBackup(tx: Tx, now: number): Promise<number> {
  return tx('sessions').whereNull('ended_at').update({ ended_at: now });
}

export interface Revived {
  kind: 'device' | 'token' | 'invite';
  id: string;
  /** Whose it is and what it is called. */
  name: string;
}

/**
 * What lets somebody in now and was in the backup already: each of these may have been revoked after the backup, and
 * the restore took that back.
 */
export async function revivedBy(on: Knex, backupAt: number, now: number): Promise<Revived[]> {
  const users = () => on.raw('coalesce((select name from users where users.id = user_id), ?) as user_name', ['']);
  const enabled = 'user_id in (select id from users where disabled_at is null)';
  const devices: Named[] = await on('devices')
    .whereNull('revoked_at')
    .where('created_at', '<=', backupAt)
    .whereRaw(enabled)
    .orderBy('id')
    .select('id', 'name', users());
  const tokens: Named[] = await on('tokens')
    .whereNull('revoked_at')
    .where('created_at', '<=', backupAt)
    .where('expires_at', '>', now)
    .whereRaw(enabled)
    .orderBy('id')
    .select('id', 'name', users());
  const invites: Named[] = await on('invites')
    .whereNull('revoked_at')
    .whereNull('redeemed_at')
    .where('created_at', '<=', backupAt)
    .where('expires_at', '>', now)
    .orderBy('id')
    .select('id', 'role as name', users());
  return [
    ...devices.map((row) => revived('device', row)),
    ...tokens.map((row) => revived('token', row)),
    ...invites.map((row) => revived('invite', row)),
  ];
}

type Named = { id: string; name: string; user_name: string };

function revived(kind: Revived['kind'], { id, name, user_name }: Named): Revived {
  return { kind, id, name: user_name === '' ? name : `${user_name}: ${name}` };
}
