import { type MethodName, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { changed } from '../../changed.ts';
import type { Tx } from '../../db/database.ts';
import type { Call, ChangeCall, Connection, HandlersOf } from '../../rpc/handlers.ts';
import { type Account, requirePerson } from './account.ts';
import type { Enrol } from './enrol.ts';
import type { Epoch } from './epoch.ts';
import type { Invites } from './invites.ts';
import type { Passwords } from './password.ts';
import type { By, Revoke } from './revoke.ts';
import { changeSettings, settingsOf } from './settings.ts';
import { type SignIn, whoamiOf } from './signIn.ts';
import { listDevices } from './stores/devices.ts';
import { listInvites } from './stores/invites.ts';
import { listSessions } from './stores/sessions.ts';
import { listTokens } from './stores/tokens.ts';
import { findUser, getUser, listUsers } from './stores/users.ts';
import { createToken } from './tokens.ts';
import type { Users } from './users.ts';
import { watchWhoami } from './watch.ts';

type AccessMethod = Extract<
  MethodName,
  | `access.${string}`
  | `users.${string}`
  | `invites.${string}`
  | `devices.${string}`
  | `sessions.${string}`
  | `tokens.${string}`
  | `settings.${string}`
>;

interface Options {
  knex: Knex;
  enrol: Enrol;
  signIn: SignIn;
  account: Account;
  users: Users;
  invites: Invites;
  revoke: Revoke;
  passwords: Passwords;
  epoch: Pick<Epoch, 'raised' | 'onChange'>;
  /** The deciding function, asked without throwing. */
  may: (call: Call, permission: 'access.read') => boolean;
  now: () => number;
}

const ok = { ok: true } as const;

export type AccessHandlers = HandlersOf<AccessMethod>;

export function createHandlers(options: Options): AccessHandlers {
  const { knex, enrol, signIn, account, users, invites, revoke, passwords, epoch, may, now } = options;

  /** A change that takes rights away: after its commit every stream asks again. */
  async function cutting<T>(work: Promise<T>): Promise<T> {
    const done = await work;
    await epoch.raised();
    return done;
  }

  return {
    async 'access.enrol'(call, params) {
      const connection = sealedConnection(call);
      const prepared = await enrol.prepare(params, connection, call.signal);
      const done = await call.commit((tx, note) => enrol.redeem(tx, params, prepared, connection, note));
      await enrol.attach(connection, params, done.value);
      await epoch.raised();
      return done;
    },
    'access.signIn': (call, params) =>
      signIn.withPassword(
        { connection: sealedConnection(call), deviceId: deviceOf(call), signal: call.signal },
        params,
      ),
    'access.resume': (call, { session }) =>
      signIn.resume({ connection: sealedConnection(call), deviceId: deviceOf(call) }, session),
    async 'access.verifyTotp'(call, { code }) {
      if (call.actor.kind !== 'pending') throw new OmError('UNAUTHENTICATED');
      const { userId, deviceId } = call.actor;
      return signIn.verifyTotp({ connection: sealedConnection(call), userId, deviceId }, code);
    },
    async 'access.signOut'(call) {
      const me = requirePerson(call.signedIn());
      const done = await call.commit(async (tx) => {
        await account.signOut(tx, me);
        return ok;
      });
      // Before the others hear of it: this connection left by itself and still gets its answer.
      call.connection?.attach(null);
      await epoch.raised();
      return done;
    },
    async 'access.whoami'(call) {
      const actor = call.signedIn();
      const user = await findUser(knex, { id: actor.userId });
      return whoamiOf(actor, user?.totp_sealed != null);
    },
    'access.watch': (call) => watchWhoami({ knex, epoch, me: requirePerson(call.signedIn()), signal: call.signal }),
    async 'access.changePassword'(call, params) {
      const me = requirePerson(call.signedIn());
      const proof = await account.prove(me, params.current, call.signal);
      const next = proof.right ? await passwords.hash(params.next, call.signal) : '';
      const done = await cutting(
        call.commit(async (tx) => {
          await account.changePassword(tx, me, proof, next);
          return ok;
        }),
      );
      proof.attempt.succeeded();
      return done;
    },
    async 'access.beginTotp'(call, { password }) {
      const me = requirePerson(call.signedIn());
      const proof = await account.prove(me, password, call.signal);
      const done = await call.commit((tx) => account.beginTotp(tx, me, proof));
      proof.attempt.succeeded();
      return done;
    },
    async 'access.confirmTotp'(call, { code }) {
      const me = requirePerson(call.signedIn());
      const attempt = account.guess(me);
      const done = await call.commit(async (tx) => {
        await account.confirmTotp(tx, me, code);
        return ok;
      });
      attempt.succeeded();
      return done;
    },
    async 'access.disableTotp'(call, { password }) {
      const me = requirePerson(call.signedIn());
      const proof = await account.prove(me, password, call.signal);
      const done = await call.commit(async (tx) => {
        await account.disableTotp(tx, me, proof);
        return ok;
      });
      proof.attempt.succeeded();
      return done;
    },

    'settings.get': (call) => settingsOf(knex, call.signedIn().userId),
    'settings.set': (call, changes) =>
      call.commit((tx, note) => {
        const me = call.signedIn();
        note.object = `user:${me.userName}`;
        return changeSettings(tx, me.userId, changes, now());
      }),

    'users.list': (_call, page) => listUsers(knex, page),
    async 'users.get'(_call, { name }) {
      const user = await getUser(knex, name);
      if (!user) throw new OmError('NOT_FOUND', `There is no user ${name}.`);
      return user;
    },
    'users.setRole': (call, { name, role }) =>
      cutting(
        call.commit(async (tx, note) => {
          note.object = `user:${name}`;
          const { before, after } = await users.setRole(tx, name, role);
          note.details = changed(before, after);
          return after;
        }),
      ),
    'users.remove': (call, { name }) =>
      cutting(
        call.commit(async (tx, note) => {
          note.object = `user:${name}`;
          await users.remove(tx, name);
          return ok;
        }),
      ),

    async 'invites.create'(call, params) {
      const me = requirePerson(call.signedIn());
      return call.commit(async (tx, note) => {
        const made = await invites.create(tx, { ...params, createdBy: me.userName });
        note.object = `invite:${made.invite.id}`;
        return made;
      });
    },
    'invites.list': (_call, page) => listInvites(knex, page),
    'invites.revoke': (call, { id }) =>
      cutting(
        call.commit(async (tx, note) => {
          note.object = `invite:${id}`;
          await invites.revoke(tx, id);
          return ok;
        }),
      ),

    'devices.list': (call, { mine, ...page }) => listDevices(knex, { ...page, userId: whose(call, mine) }),
    'devices.revoke': (call, { id }) => cut(call, `device:${id}`, (tx, by) => revoke.device(tx, by, id)),
    'sessions.list': (call, { mine, ...page }) => listSessions(knex, { ...page, userId: whose(call, mine), at: now() }),
    'sessions.revoke': (call, { id }) => cut(call, `session:${id}`, (tx, by) => revoke.session(tx, by, id)),
    'tokens.list': (call, { mine, ...page }) => listTokens(knex, { ...page, userId: whose(call, mine) }),
    async 'tokens.create'(call, params) {
      const me = requirePerson(call.signedIn());
      return call.commit(async (tx, note) => {
        const made = await createToken(tx, { ...params, userId: me.userId }, now);
        note.object = `token:${made.token.id}`;
        return made;
      });
    },
    'tokens.revoke': (call, { id }) => cut(call, `token:${id}`, (tx, by) => revoke.token(tx, by, id)),
  };

  /** Null: everybody’s. */
  function whose(call: Call, mine: boolean): string | null {
    return !mine && may(call, 'access.read') ? null : call.signedIn().userId;
  }

  function cut(call: ChangeCall, object: string, work: (tx: Tx, by: By) => Promise<void>) {
    const by = { actor: call.signedIn(), requireOthers: () => call.authorize('access.write') };
    return cutting(
      call.commit(async (tx, note) => {
        note.object = object;
        await work(tx, by);
        return ok;
      }),
    );
  }
}

function sealedConnection(call: Call): Connection {
  if (!call.connection) throw new OmError('FORBIDDEN', 'Signing in works over the sealed channel only.');
  return call.connection;
}

function deviceOf({ actor }: Call): string {
  if (actor.kind === 'anonymous') throw new OmError('NOT_ENROLLED');
  if (actor.kind === 'pending') throw new OmError('TOTP_REQUIRED');
  if (actor.kind === 'worker') throw new OmError('FORBIDDEN', 'A zone worker does not sign in.');
  if (actor.deviceId === null) throw new OmError('FORBIDDEN', 'Signing in works over the sealed channel only.');
  return actor.deviceId;
}
