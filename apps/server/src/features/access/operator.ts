import { type Invite, OmError, type Token } from '@omanager/contract';
import type { Database, Tx } from '../../db/database.ts';
import type { WriteAudit } from '../audit/writer.ts';
import { type Epoch, raiseEpoch } from './epoch.ts';
import type { Invites, NewInvite } from './invites.ts';
import { revokeInvites } from './stores/invites.ts';
import { countUsers, findUser } from './stores/users.ts';
import { createToken, type NewToken } from './tokens.ts';
import type { Users } from './users.ts';

export interface InviteLink {
  link: string;
  invite: Invite;
}

/** What the command line and the first start do: whoever holds the data folder is trusted, and audited as `by`. */
export interface Operator {
  /** An admin invite while there is no user yet; earlier ones of this kind become worthless. */
  firstInvite(): Promise<InviteLink | null>;
  createInvite(invite: Omit<NewInvite, 'createdBy'> & { by: string }): Promise<InviteLink>;
  createToken(
    token: Omit<NewToken, 'userId'> & { userName: string; by: string },
  ): Promise<{ token: Token; secret: string }>;
  /** For a locked-out user: enabled, signed out everywhere, no second factor, and an invite for a new password. */
  resetUser(user: { userName: string; revokeDevices: boolean; by: string }): Promise<InviteLink>;
}

interface Options {
  db: Database;
  audit: WriteAudit;
  users: Users;
  invites: Invites;
  epoch: Epoch;
  now: () => number;
}

const firstStart = 'first start';

export function createOperator({ db, audit, users, invites, epoch, now }: Options): Operator {
  return {
    async firstInvite() {
      return db.transaction(async (tx) => {
        await raiseEpoch(tx);
        if ((await countUsers(tx)) > 0) return null;
        await revokeInvites(tx, { created_by: firstStart }, now());
        const made = await invites.create(tx, { role: 'admin', ttlMinutes: 60, createdBy: firstStart });
        await note(tx, firstStart, 'invites.create', `invite:${made.invite.id}`, { role: 'admin' });
        return made;
      });
    },

    async createInvite({ by, ...invite }) {
      return db.transaction(async (tx) => {
        const made = await invites.create(tx, { ...invite, createdBy: by });
        await note(tx, by, 'invites.create', `invite:${made.invite.id}`, { ...invite });
        return made;
      });
    },

    async createToken({ by, userName, ...token }) {
      return db.transaction(async (tx) => {
        const user = await findUser(tx, { name: userName });
        if (!user) throw new OmError('NOT_FOUND', `There is no user ${userName}.`);
        const made = await createToken(tx, { ...token, userId: user.id }, now);
        await note(tx, by, 'tokens.create', `token:${made.token.id}`, { ...token, userName });
        return made;
      });
    },

    async resetUser({ by, userName, revokeDevices }) {
      const made = await db.transaction(async (tx) => {
        const user = await users.reset(tx, userName, { revokeDevices });
        const invite = await invites.create(tx, { role: user.role, userName, ttlMinutes: 60, createdBy: by });
        await note(tx, by, 'users.reset', `user:${userName}`, { revokeDevices, inviteId: invite.invite.id });
        return invite;
      });
      await epoch.raised();
      return made;
    },
  };

  function note(tx: Tx, by: string, action: string, object: string, details: Record<string, unknown>): Promise<void> {
    return audit(tx, { actor: { kind: 'system', name: by }, action, object, outcome: 'done', details });
  }
}
