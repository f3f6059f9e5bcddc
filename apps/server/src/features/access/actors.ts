import { permissionsOf, type RolePermission } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import { type Actor, isSignedIn, type SignedIn, type WorkerActor } from '../../rpc/actor.ts';
import type { AuthorizeObject } from '../../rpc/handlers.ts';
import { hashSecret } from './secrets.ts';
import { findDevice, touchDevice } from './stores/devices.ts';
import { findSession, isLive, touchSession } from './stores/sessions.ts';
import { findToken, touchToken } from './stores/tokens.ts';
import { findUser } from './stores/users.ts';

/** What a connection has reached so far. */
export interface ConnectionState {
  sessionId: string | null;
  pendingUserId: string | null;
}

/** Says who is calling, from the database, at this moment. */
export interface Actors {
  ofKey(publicKey: string, address: string, state: ConnectionState): Promise<Actor>;
  /** Null when the token is unknown, expired or revoked, or its owner is disabled. */
  ofToken(secret: string, address: string): Promise<SignedIn | null>;
}

/** Who of the zone workers has this key; null: none. */
export type WorkerOfKey = (publicKey: string, address: string) => Promise<WorkerActor | null>;

const touchEveryMs = 60_000;
/** A token in a pipeline never makes more tokens, invites or admins, and sits in front of no terminal. */
const neverByToken: ReadonlySet<RolePermission> = new Set([
  'access.write',
  'terminal.open',
  'terminal.control',
  'file.read',
  'file.write',
]);

/** May this actor do this to that, now? The only function that decides; grants will look at `object` in here. */
export function authorize(actor: Actor, permission: RolePermission, _object?: AuthorizeObject): boolean {
  return isSignedIn(actor) && actor.permissions.has(permission);
}

export function createActors({
  db,
  workerOfKey,
  now,
}: {
  db: Database;
  workerOfKey: WorkerOfKey;
  now: () => number;
}): Actors {
  return {
    async ofKey(publicKey, address, { sessionId, pendingUserId }) {
      const device = await findDevice(db.knex, { public_key: publicKey });
      if (!device) return (await workerOfKey(publicKey, address)) ?? { kind: 'anonymous', publicKey, address };
      if (device.revoked_at !== null) return { kind: 'anonymous', publicKey, address };
      const user = await findUser(db.knex, { id: device.user_id });
      if (!user || user.disabled_at !== null) return { kind: 'anonymous', publicKey, address };
      const at = now();
      const known = { deviceId: device.id, publicKey, address };
      if (sessionId !== null) {
        const session = await findSession(db.knex, { id: sessionId });
        if (session && session.device_id === device.id && isLive(session, at)) {
          if (session.last_seen_at + touchEveryMs <= at) await touch(device.id, session.id, at);
          return {
            ...known,
            kind: 'user',
            userId: user.id,
            userName: user.name,
            role: user.role,
            permissions: permissionsOf[user.role],
            sessionId: session.id,
            tokenId: null,
          };
        }
      }
      if (pendingUserId === user.id) return { ...known, kind: 'pending', userId: user.id, userName: user.name };
      return { ...known, kind: 'device' };
    },

    async ofToken(secret, address) {
      const token = await findToken(db.knex, { secret_hash: hashSecret(secret) });
      const at = now();
      if (!token || token.revoked_at !== null || token.expires_at <= at) return null;
      const user = await findUser(db.knex, { id: token.user_id });
      if (!user || user.disabled_at !== null) return null;
      if ((token.last_used_at ?? 0) + touchEveryMs <= at) {
        await db.transaction((tx) => touchToken(tx, token.id, at));
      }
      const own = permissionsOf[token.role];
      return {
        kind: 'token',
        userId: user.id,
        userName: user.name,
        role: token.role,
        permissions: new Set([...own].filter((p) => permissionsOf[user.role].has(p) && !neverByToken.has(p))),
        deviceId: null,
        sessionId: null,
        tokenId: token.id,
        publicKey: null,
        address,
      };
    },
  };

  function touch(deviceId: string, sessionId: string, at: number): Promise<void> {
    return db.transaction(async (tx) => {
      await touchSession(tx, sessionId, at);
      await touchDevice(tx, deviceId, at);
    });
  }
}
