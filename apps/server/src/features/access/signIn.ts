import { OmError, type Whoami } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../db/database.ts';
import type { SignedIn } from '../../rpc/actor.ts';
import type { Connection } from '../../rpc/handlers.ts';
import type { WriteAudit } from '../audit/writer.ts';
import type { Sealer } from '../vault/sealer.ts';
import type { Actors } from './actors.ts';
import type { Passwords } from './password.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { findDevice, touchDevice } from './stores/devices.ts';
import { findSession, insertSession, isLive, sessionLifeMs } from './stores/sessions.ts';
import { findUser, replacePassword, takeTotpStep, type UserRow } from './stores/users.ts';
import type { Throttle, ThrottleKey } from './throttle.ts';
import { matchTotp } from './totp.ts';

export interface SignedInResult {
  session: string | null;
  next: 'done' | 'totp';
  whoami: Whoami | null;
}

/** The rules of signing in: on one’s own enrolled device, password first, then the second factor. */
export interface SignIn {
  withPassword(
    on: { connection: Connection; deviceId: string; signal: AbortSignal },
    params: { userName: string; password: string },
  ): Promise<SignedInResult>;
  resume(on: { connection: Connection; deviceId: string }, secret: string): Promise<Whoami>;
  verifyTotp(on: { connection: Connection; userId: string; deviceId: string }, code: string): Promise<SignedInResult>;
  /** The password was right (or new): what is left is the second factor. */
  beginPending(connection: Connection, user: Pick<UserRow, 'id' | 'password_hash'>): void;
  /** Writes a session and returns its secret, which is stored only as a hash. */
  openSession(tx: Tx, session: { id: string; userId: string; deviceId: string; address: string }): Promise<string>;
}

interface Options {
  db: Database;
  sealer: Sealer;
  audit: WriteAudit;
  passwords: Passwords;
  throttle: Throttle;
  actors: Actors;
  now: () => number;
}

/** A half-finished sign-in of one connection. */
interface Pending {
  passwordHash: string;
  tries: number;
  until: number;
}

/** How long a sign-in may wait for its second factor. */
export const pendingMs = 5 * 60_000;
const totpTries = 5;

export function createSignIn({ db, sealer, audit, passwords, throttle, actors, now }: Options): SignIn {
  // Gone with the connection.
  const pending = new WeakMap<Connection, Pending>();

  const self: SignIn = {
    async withPassword({ connection, deviceId, signal }, { userName, password }) {
      const user = await findUser(db.knex, { name: userName });
      const device = await findDevice(db.knex, { id: deviceId });
      const own = user !== undefined && device !== undefined && device.user_id === user.id && user.disabled_at === null;
      const attempt = throttle.begin(
        own ? ownKeys(user.id, deviceId) : strangerKeys(userName, deviceId, connection.address),
      );
      const { right, outdated } = await passwords
        .verify(user?.password_hash ?? null, password, signal)
        .catch((error: unknown) => {
          attempt.forgiven();
          throw error;
        });
      // A right password on a device of somebody else is answered like a wrong one.
      if (!right || !own) throw new OmError('BAD_CREDENTIALS');
      attempt.succeeded();
      const upgraded = outdated ? await passwords.hash(password, signal) : null;
      if (upgraded !== null) {
        await db.transaction((tx) => replacePassword(tx, user.id, user.password_hash, upgraded));
      }
      if (user.totp_sealed !== null) {
        self.beginPending(connection, { id: user.id, password_hash: upgraded ?? user.password_hash });
        return { session: null, next: 'totp', whoami: null };
      }
      return finish(connection, user, deviceId, 'access.signIn', upgraded ?? user.password_hash);
    },

    async resume({ connection, deviceId }, secret) {
      const session = await findSession(db.knex, { secret_hash: hashSecret(secret) });
      const mine = session?.device_id === deviceId && isLive(session, now()) ? session : null;
      const { publicKey, address } = connection;
      const actor = mine && (await actors.ofKey(publicKey, address, { sessionId: mine.id, pendingUserId: null }));
      if (mine && actor?.kind === 'user') {
        attach(connection, mine.id);
        return whoamiOf(actor, await hasTotp(actor.userId));
      }
      // Only what fails is slowed down: 256 bits are not guessed, but each failure is written down.
      throttle.begin([{ name: `resume|${deviceId}`, free: 10 }]);
      if (session && session.device_id !== deviceId) await auditForeign(connection, deviceId, session);
      throw new OmError('BAD_CREDENTIALS', 'The session has ended; sign in again.');
    },

    async verifyTotp({ connection, userId, deviceId }, code) {
      const state = pending.get(connection);
      const user = await findUser(db.knex, { id: userId });
      const sealed = user?.totp_sealed;
      // A password that was replaced meanwhile also ends what began with the old one.
      if (!state || !sealed || state.until <= now() || user.password_hash !== state.passwordHash) {
        endPending(connection);
        throw new OmError('UNAUTHENTICATED', 'The sign-in took too long; sign in again.');
      }
      const attempt = throttle.begin([{ name: `totp|${userId}|${deviceId}`, free: totpTries }]);
      state.tries++;
      const seed = sealer.open(totpContext(userId), sealed);
      const step = matchTotp(seed, code, now(), user.totp_last_step);
      const result =
        step === null ? null : await finish(connection, user, deviceId, 'access.verifyTotp', user.password_hash, step);
      if (result === null) {
        if (state.tries >= totpTries) endPending(connection);
        throw new OmError('BAD_CREDENTIALS', 'The code is wrong or was already used.');
      }
      attempt.succeeded();
      return result;
    },

    beginPending(connection, user) {
      connection.attach(null);
      pending.set(connection, { passwordHash: user.password_hash, tries: 0, until: now() + pendingMs });
      connection.attachPending(user.id);
    },

    async openSession(tx, { id, userId, deviceId, address }) {
      const secret = newSecret();
      const at = now();
      await insertSession(tx, {
        id,
        user_id: userId,
        device_id: deviceId,
        secret_hash: hashSecret(secret),
        address,
        created_at: at,
        last_seen_at: at,
        expires_at: at + sessionLifeMs,
        ended_at: null,
      });
      await touchDevice(tx, deviceId, at);
      return secret;
    },
  };
  return self;

  /** Opens the session and tells the connection; null when the TOTP step was taken by somebody faster. */
  async function finish(
    connection: Connection,
    user: UserRow,
    deviceId: string,
    action: string,
    passwordHash: string,
    step: number,
  ): Promise<SignedInResult | null>;
  async function finish(
    connection: Connection,
    user: UserRow,
    deviceId: string,
    action: string,
    passwordHash: string,
  ): Promise<SignedInResult>;
  async function finish(
    connection: Connection,
    user: UserRow,
    deviceId: string,
    action: string,
    passwordHash: string,
    step?: number,
  ): Promise<SignedInResult | null> {
    const { address, publicKey } = connection;
    const id = uuid();
    const secret = await db.transaction(async (tx) => {
      if (step !== undefined && !(await takeTotpStep(tx, user.id, step))) return null;
      // What was true before the slow password work must still be true.
      const current = await findUser(tx, { id: user.id });
      const device = await findDevice(tx, { id: deviceId });
      const valid = current?.disabled_at === null && current.password_hash === passwordHash;
      if (!valid || device?.revoked_at !== null) throw new OmError('BAD_CREDENTIALS');
      const opened = await self.openSession(tx, { id, userId: user.id, deviceId, address });
      await audit(tx, {
        actor: { kind: 'pending', userId: user.id, userName: user.name, deviceId, publicKey, address },
        action,
        object: `user:${user.name}`,
        outcome: 'done',
        details: { userName: user.name, sessionId: id },
      });
      return opened;
    });
    if (secret === null) return null;
    const actor = await actors.ofKey(publicKey, address, { sessionId: id, pendingUserId: null });
    if (actor.kind !== 'user') throw new OmError('BAD_CREDENTIALS');
    attach(connection, id);
    return { session: secret, next: 'done', whoami: whoamiOf(actor, user.totp_sealed !== null) };
  }

  function attach(connection: Connection, sessionId: string): void {
    pending.delete(connection);
    connection.attachPending(null);
    connection.attach({ id: sessionId });
  }

  function endPending(connection: Connection): void {
    pending.delete(connection);
    connection.attachPending(null);
  }

  /** Somebody else’s session secret on this device: it has leaked, and an auditor should see that. */
  async function auditForeign(
    { publicKey, address }: Connection,
    deviceId: string,
    session: { id: string; device_id: string },
  ): Promise<void> {
    await db.transaction((tx) =>
      audit(tx, {
        actor: { kind: 'device', deviceId, publicKey, address },
        action: 'access.sessionOfOtherDevice',
        object: `session:${session.id}`,
        outcome: 'refused',
        code: 'BAD_CREDENTIALS',
        details: { ownerDeviceId: session.device_id },
      }),
    );
  }

  async function hasTotp(userId: string): Promise<boolean> {
    return (await findUser(db.knex, { id: userId }))?.totp_sealed != null;
  }
}

export function totpContext(userId: string): string {
  return `totp|${userId}`;
}

export function whoamiOf(actor: SignedIn, totp: boolean): Whoami {
  const { kind, userId, userName, role, deviceId, sessionId, permissions } = actor;
  return { kind, userId, userName, role, deviceId, sessionId, totp, permissions: [...permissions] };
}

/** Guesses on a user’s own device slow down this pair only, so that nobody else can slow the honest user down. */
export function ownKeys(userId: string, deviceId: string): ThrottleKey[] {
  return [{ name: `own|${userId}|${deviceId}`, free: 5 }];
}

/** A device that is not the user’s can never sign in as them; these keys keep it from costing much. */
function strangerKeys(userName: string, deviceId: string, address: string): ThrottleKey[] {
  return [
    { name: `device|${deviceId}`, free: 5 },
    { name: `address|${address}`, free: 20 },
    { name: `user|${userName}`, free: 20 },
  ];
}
