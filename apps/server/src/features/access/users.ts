import { OmError, permissionsOf, type Role, type User } from '@omanager/contract';
import type { Tx } from '../../db/database.ts';
import { raiseEpoch } from './epoch.ts';
import { revokeDevices } from './stores/devices.ts';
import { revokeInvites } from './stores/invites.ts';
import { endSessions } from './stores/sessions.ts';
import { revokeTokens } from './stores/tokens.ts';
import { findUser, getUser, otherActiveAdmins, type UserRow, updateUser } from './stores/users.ts';

/** What an admin does to users. Every function starts with `raiseEpoch`, whose row lock orders them. */
export interface Users {
  setRole(tx: Tx, name: string, role: Role): Promise<{ before: User | null; after: User }>;
  /** Disables the user and revokes all that is theirs; rows and name stay for the audit. */
  remove(tx: Tx, name: string): Promise<void>;
  /** For a locked-out user: signed out everywhere, no second factor, enabled. Returns the row as it is now. */
  reset(tx: Tx, name: string, options: { revokeDevices: boolean }): Promise<UserRow>;
}

export function createUsers({ now }: { now: () => number }): Users {
  return {
    async setRole(tx, name, role) {
      await raiseEpoch(tx);
      const user = await required(tx, name);
      const before = await getUser(tx, name);
      if (user.role === 'admin' && role !== 'admin') await keepOneAdmin(tx, user);
      await updateUser(tx, user.id, { role });
      // What they prepared while they could must not bring the power back.
      if (!permissionsOf[role].has('access.write')) await revokeInvites(tx, { created_by: name }, now());
      const after = await getUser(tx, name);
      if (!after) throw new OmError('NOT_FOUND');
      return { before: before ?? null, after };
    },

    async remove(tx, name) {
      await raiseEpoch(tx);
      const user = await required(tx, name);
      if (user.disabled_at !== null) throw new OmError('CONFLICT', `${name} is disabled already.`);
      await keepOneAdmin(tx, user);
      const at = now();
      await updateUser(tx, user.id, { disabled_at: at });
      await revokeDevices(tx, { user_id: user.id }, at);
      await endSessions(tx, { user_id: user.id }, at);
      await revokeTokens(tx, { user_id: user.id }, at);
      await revokeInvites(tx, { user_id: user.id }, at);
      await revokeInvites(tx, { created_by: name }, at);
    },

    async reset(tx, name, options) {
      await raiseEpoch(tx);
      const user = await required(tx, name);
      const at = now();
      await updateUser(tx, user.id, { disabled_at: null, totp_sealed: null, totp_pending_sealed: null });
      await endSessions(tx, { user_id: user.id }, at);
      await revokeInvites(tx, { user_id: user.id }, at);
      if (options.revokeDevices) await revokeDevices(tx, { user_id: user.id }, at);
      return { ...user, disabled_at: null, totp_sealed: null, totp_pending_sealed: null };
    },
  };
}

async function required(tx: Tx, name: string): Promise<UserRow> {
  const user = await findUser(tx, { name });
  if (!user) throw new OmError('NOT_FOUND', `There is no user ${name}.`);
  return user;
}

async function keepOneAdmin(tx: Tx, user: UserRow): Promise<void> {
  if (user.role !== 'admin' || (await otherActiveAdmins(tx, user.id)) > 0) return;
  throw new OmError('CONFLICT', `${user.name} is the last admin; make somebody else an admin first.`);
}
