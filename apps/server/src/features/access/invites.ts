import { type Invite, OmError, type Role } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/database.ts';
import { raiseEpoch } from './epoch.ts';
import { inviteLink, type LinkOrigin } from './link.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { findInvite, getInvite, insertInvite, revokeInvites } from './stores/invites.ts';
import { findUser } from './stores/users.ts';

export interface NewInvite {
  role: Role;
  /** An existing user, who gets a new device or a new password; keeps their own role. */
  userName?: string | undefined;
  ttlMinutes: number;
  createdBy: string;
}

export interface Invites {
  create(tx: Tx, invite: NewInvite): Promise<{ invite: Invite; link: string }>;
  revoke(tx: Tx, id: string): Promise<void>;
}

interface Options {
  serverPublicKey: string;
  linkOrigin: () => LinkOrigin;
  now: () => number;
}

const longestMinutes = 60;

export function createInvites({ serverPublicKey, linkOrigin, now }: Options): Invites {
  return {
    async create(tx, { role, userName, ttlMinutes, createdBy }) {
      const user = userName === undefined ? undefined : await findUser(tx, { name: userName });
      if (userName !== undefined && !user) throw new OmError('NOT_FOUND', `There is no user ${userName}.`);
      if (user && user.disabled_at !== null) throw new OmError('CONFLICT', `${user.name} is disabled.`);
      const code = newSecret();
      const id = uuid();
      const at = now();
      await insertInvite(tx, {
        id,
        code_hash: hashSecret(code),
        role: user?.role ?? role,
        user_id: user?.id ?? null,
        created_by: createdBy,
        created_at: at,
        expires_at: at + Math.min(ttlMinutes, longestMinutes) * 60_000,
        redeemed_at: null,
        redeemed_by: null,
        revoked_at: null,
      });
      const invite = await getInvite(tx, id);
      if (!invite) throw new OmError('NOT_FOUND');
      return { invite, link: inviteLink(linkOrigin(), serverPublicKey, code) };
    },

    async revoke(tx, id) {
      await raiseEpoch(tx);
      if (!(await findInvite(tx, { id }))) throw new OmError('NOT_FOUND');
      if ((await revokeInvites(tx, { id }, now())) === 0) {
        throw new OmError('CONFLICT', 'The invite was already used or revoked; if it was used, revoke the device.');
      }
    },
  };
}
