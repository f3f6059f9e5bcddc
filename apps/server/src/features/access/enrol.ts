import { OmError, permissionsOf } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../db/database.ts';
import type { AuditNote, Connection } from '../../rpc/handlers.ts';
import { raiseEpoch } from './epoch.ts';
import type { Passwords } from './password.ts';
import { hashSecret } from './secrets.ts';
import { pendingMs, type SignedInResult, type SignIn, whoamiOf } from './signIn.ts';
import { findDevice, insertDevice, renameDevice } from './stores/devices.ts';
import { findInvite, type InviteRow, isOpen, redeemInvite } from './stores/invites.ts';
import { endSessions } from './stores/sessions.ts';
import { countUsers, findUser, insertUser, type UserRow, updateUser } from './stores/users.ts';
import type { Throttle } from './throttle.ts';

export interface EnrolParams {
  code: string;
  userName: string;
  password: string;
  deviceName: string;
}

/** Redeeming an invite: the one way a device key becomes known. */
export interface Enrol {
  /** The slow part, before the transaction: only an open invite is worth hashing a password for. */
  prepare(params: EnrolParams, connection: Connection, signal: AbortSignal): Promise<Prepared>;
  redeem(
    tx: Tx,
    params: EnrolParams,
    prepared: Prepared,
    connection: Connection,
    note: AuditNote,
  ): Promise<SignedInResult>;
  /** After the commit, also of a repeat: the connection goes on within the new session, or waits for the second factor. */
  attach(connection: Connection, params: EnrolParams, result: SignedInResult): Promise<void>;
}

export interface Prepared {
  /** Null when the invite is no longer open: then only a repeat of the same call can still succeed. */
  passwordHash: string | null;
  deviceId: string;
  userId: string;
  sessionId: string;
}

interface Options {
  db: Database;
  passwords: Passwords;
  throttle: Throttle;
  signIn: Pick<SignIn, 'openSession' | 'beginPending'>;
  now: () => number;
}

export function createEnrol({ db, passwords, throttle, signIn, now }: Options): Enrol {
  return {
    async prepare({ code, password }, connection, signal) {
      const ids = { deviceId: uuid(), userId: uuid(), sessionId: uuid() };
      const invite = await findInvite(db.knex, { code_hash: hashSecret(code) });
      // A good code passes unthrottled, so that guesses from the same address cannot keep a guest out.
      if (invite && isOpen(invite, now())) return { ...ids, passwordHash: await passwords.hash(password, signal) };
      throttle.begin([{ name: `enrol|${invite ? connection.publicKey : connection.address}`, free: 10 }]);
      return { ...ids, passwordHash: null };
    },

    async redeem(tx, params, prepared, connection, note) {
      // Also the lock that makes "the first user is an admin" true for exactly one.
      await raiseEpoch(tx);
      const at = now();
      const invite = await findInvite(tx, { code_hash: hashSecret(params.code) });
      const { passwordHash } = prepared;
      if (!invite || passwordHash === null || !isOpen(invite, at)) throw new OmError('INVITE_INVALID');
      const existing = invite.user_id === null ? undefined : await findUser(tx, { id: invite.user_id });
      const user = existing
        ? await renew(tx, existing, params, passwordHash, at)
        : await create(tx, invite, params, passwordHash, prepared.userId, at);
      const deviceId = await keepDevice(tx, user, params.deviceName, prepared.deviceId, connection.publicKey, at);
      if (!(await redeemInvite(tx, invite.id, deviceId, at))) throw new OmError('INVITE_INVALID');
      note.object = `user:${user.name}`;
      note.details = { inviteId: invite.id, deviceId, newUser: !existing, role: user.role };
      if (user.totp_sealed !== null) return { session: null, next: 'totp', whoami: null };
      const { sessionId } = prepared;
      const { address } = connection;
      const session = await signIn.openSession(tx, { id: sessionId, userId: user.id, deviceId, address });
      return {
        session,
        next: 'done',
        whoami: whoamiOf(
          {
            kind: 'user',
            userId: user.id,
            userName: user.name,
            role: user.role,
            permissions: permissionsOf[user.role],
            deviceId,
            sessionId,
            tokenId: null,
            publicKey: connection.publicKey,
            address,
          },
          false,
        ),
      };
    },

    async attach(connection, { code }, { next, whoami }) {
      if (next === 'done') {
        connection.attachPending(null);
        connection.attach(whoami?.sessionId ? { id: whoami.sessionId } : null);
        return;
      }
      const invite = await findInvite(db.knex, { code_hash: hashSecret(code) });
      // A late repeat must not stand for a password that may have been replaced since.
      if (!invite?.user_id || (invite.redeemed_at ?? 0) + pendingMs <= now()) return;
      const user = await findUser(db.knex, { id: invite.user_id });
      if (user) signIn.beginPending(connection, user);
    },
  };
}

async function create(
  tx: Tx,
  invite: InviteRow,
  { userName }: EnrolParams,
  passwordHash: string,
  id: string,
  at: number,
): Promise<Pick<UserRow, 'id' | 'name' | 'role' | 'totp_sealed'>> {
  if (await findUser(tx, { name: userName })) {
    throw new OmError('CONFLICT', `The name ${userName} is taken; choose another.`);
  }
  const role = (await countUsers(tx)) === 0 ? 'admin' : invite.role;
  await insertUser(tx, { id, name: userName, role, password_hash: passwordHash, created_at: at });
  return { id, name: userName, role, totp_sealed: null };
}

/** A new device or a new password for a known user: whoever was signed in with the old one is not any more. */
async function renew(
  tx: Tx,
  user: UserRow,
  { userName }: EnrolParams,
  passwordHash: string,
  at: number,
): Promise<UserRow> {
  if (user.disabled_at !== null) throw new OmError('INVITE_INVALID');
  if (user.name !== userName) {
    throw new OmError('CONFLICT', 'The invite is for another user name; ask who made it for which.');
  }
  await updateUser(tx, user.id, { password_hash: passwordHash });
  await endSessions(tx, { user_id: user.id }, at);
  return user;
}

/** A key is enrolled once, for one user; a revoked key never again. */
async function keepDevice(
  tx: Tx,
  user: Pick<UserRow, 'id'>,
  name: string,
  newId: string,
  publicKey: string,
  at: number,
): Promise<string> {
  const known = await findDevice(tx, { public_key: publicKey });
  if (!known) {
    await insertDevice(tx, {
      id: newId,
      user_id: user.id,
      public_key: publicKey,
      name,
      created_at: at,
      last_seen_at: at,
      revoked_at: null,
    });
    return newId;
  }
  if (known.revoked_at !== null || known.user_id !== user.id) {
    throw new OmError('CONFLICT', 'This device key is already enrolled or was revoked; use a fresh profile.');
  }
  await renameDevice(tx, known.id, name);
  return known.id;
}
