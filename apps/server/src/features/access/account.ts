import { randomBytes } from 'node:crypto';
import { OmError } from '@omanager/contract';
import type { Database, Tx } from '../../db/database.ts';
import type { SignedIn } from '../../rpc/actor.ts';
import type { Sealer } from '../vault/sealer.ts';
import { raiseEpoch } from './epoch.ts';
import type { Passwords } from './password.ts';
import { ownKeys, totpContext } from './signIn.ts';
import { endSessions } from './stores/sessions.ts';
import { findUser, replacePassword, type UserRow, updateUser } from './stores/users.ts';
import type { Attempt, Throttle } from './throttle.ts';
import { base32, matchTotp, totpSeedBytes, totpUri } from './totp.ts';

/** A person signed in on a device; what these methods change is not for a pipeline’s token. */
export type Person = SignedIn & { kind: 'user'; deviceId: string; sessionId: string };

/** What a user does to their own account. `prove` is the slow part; the rest runs in the transaction. */
export interface Account {
  prove(me: Person, password: string, signal: AbortSignal): Promise<Proof>;
  changePassword(tx: Tx, me: Person, proof: Proof, next: string): Promise<void>;
  beginTotp(tx: Tx, me: Person, proof: Proof): Promise<{ secret: string; uri: string }>;
  guess(me: Person): Attempt;
  confirmTotp(tx: Tx, me: Person, code: string): Promise<void>;
  disableTotp(tx: Tx, me: Person, proof: Proof): Promise<void>;
  signOut(tx: Tx, me: Person): Promise<void>;
}

/** Whether the password was right; checked in the transaction, so that a repeated call still gets its first answer. */
export interface Proof {
  readonly right: boolean;
  readonly passwordHash: string;
  readonly attempt: Attempt;
}

interface Options {
  db: Database;
  sealer: Sealer;
  passwords: Passwords;
  throttle: Throttle;
  now: () => number;
}

export function createAccount({ db, sealer, passwords, throttle, now }: Options): Account {
  return {
    async prove(me, password, signal) {
      const user = await findUser(db.knex, { id: me.userId });
      const attempt = throttle.begin(ownKeys(me.userId, me.deviceId));
      try {
        const { right } = await passwords.verify(user?.password_hash ?? null, password, signal);
        return { right, passwordHash: user?.password_hash ?? '', attempt };
      } catch (error) {
        attempt.forgiven();
        throw error;
      }
    },

    async changePassword(tx, me, proof, next) {
      await raiseEpoch(tx);
      await current(tx, me, proof);
      await replacePassword(tx, me.userId, proof.passwordHash, next);
      await endSessions(tx, { user_id: me.userId }, now(), me.sessionId);
    },

    async beginTotp(tx, me, proof) {
      await current(tx, me, proof);
      const seed = randomBytes(totpSeedBytes);
      await updateUser(tx, me.userId, { totp_pending_sealed: sealer.seal(totpContext(me.userId), seed) });
      return { secret: base32(seed), uri: totpUri(me.userName, seed) };
    },

    guess: (me) => throttle.begin([{ name: `confirm|${me.userId}`, free: 5 }]),

    async confirmTotp(tx, me, code) {
      const user = await findUser(tx, { id: me.userId });
      const sealed = user?.totp_pending_sealed;
      if (!sealed) throw new OmError('CONFLICT', 'There is no new authenticator seed; begin again.');
      const step = matchTotp(sealer.open(totpContext(me.userId), sealed), code, now(), 0);
      if (step === null) throw new OmError('BAD_CREDENTIALS', 'The code is wrong; check the clock of the phone.');
      await updateUser(tx, me.userId, { totp_sealed: sealed, totp_pending_sealed: null, totp_last_step: step });
    },

    async disableTotp(tx, me, proof) {
      const user = await current(tx, me, proof);
      if (user.totp_sealed === null) throw new OmError('CONFLICT', 'Your second factor is off already.');
      await updateUser(tx, me.userId, { totp_sealed: null, totp_pending_sealed: null });
    },

    async signOut(tx, me) {
      await raiseEpoch(tx);
      await endSessions(tx, { id: me.sessionId }, now());
    },
  };

  /** The user, if the password was right and still is theirs. */
  async function current(tx: Tx, me: Person, { right, passwordHash }: Proof): Promise<UserRow> {
    const user = await findUser(tx, { id: me.userId });
    if (!right || !user || user.password_hash !== passwordHash) throw new OmError('BAD_CREDENTIALS');
    return user;
  }
}

export function requirePerson(actor: SignedIn): Person {
  const { deviceId, sessionId } = actor;
  if (actor.kind !== 'user' || deviceId === null || sessionId === null) {
    throw new OmError('FORBIDDEN', 'An API token cannot do this; sign in as yourself.');
  }
  return { ...actor, kind: 'user', deviceId, sessionId };
}
