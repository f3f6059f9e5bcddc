import { OmError, permissionsOf, type Role, type Token } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/database.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { getToken, insertToken } from './stores/tokens.ts';
import { findUser } from './stores/users.ts';

export interface NewToken {
  userId: string;
  name: string;
  role: Role;
  ttlDays: number;
}

const dayMs = 24 * 3_600_000;

/** Makes an API token; the secret is in the answer and nowhere else. */
export async function createToken(
  tx: Tx,
  { userId, name, role, ttlDays }: NewToken,
  now: () => number,
): Promise<{ token: Token; secret: string }> {
  const user = await findUser(tx, { id: userId });
  if (!user || user.disabled_at !== null) throw new OmError('NOT_FOUND', 'There is no such active user.');
  const beyond = [...permissionsOf[role]].filter((permission) => !permissionsOf[user.role].has(permission));
  if (beyond.length > 0) {
    const message = `A token with the role ${role} would have more power than its owner, whose role is ${user.role}.`;
    throw new OmError('FORBIDDEN', message, { beyond });
  }
  // Tools that look for leaked secrets can recognise the prefix.
  const secret = `omt_${newSecret()}`;
  const id = uuid();
  const at = now();
  await insertToken(tx, {
    id,
    user_id: user.id,
    name,
    secret_hash: hashSecret(secret),
    role,
    created_at: at,
    expires_at: at + ttlDays * dayMs,
    last_used_at: null,
    revoked_at: null,
  });
  const token = await getToken(tx, id);
  if (!token) throw new OmError('NOT_FOUND');
  return { token, secret };
}
