import type { Knex } from 'knex';
import type { Database, Tx } from '../../db/database.ts';
import type { Actor } from '../../rpc/actor.ts';
import type { WriteAudit } from '../audit/writer.ts';
import type { Sealer } from '../vault/sealer.ts';
import { createAccount } from './account.ts';
import { authorize, type ConnectionState, createActors, type WorkerOfKey } from './actors.ts';
import { createEnrol } from './enrol.ts';
import { createEpoch, raiseEpoch } from './epoch.ts';
import { type AccessHandlers, createHandlers } from './handlers.ts';
import { createInvites } from './invites.ts';
import type { LinkOrigin } from './link.ts';
import { createOperator, type Operator } from './operator.ts';
import { createPasswords } from './password.ts';
import { createRevoke } from './revoke.ts';
import { createSignIn } from './signIn.ts';
import { findDevice } from './stores/devices.ts';
import { deleteInvitesBefore } from './stores/invites.ts';
import { deleteDeadSessions } from './stores/sessions.ts';
import { createThrottle } from './throttle.ts';
import { createUsers } from './users.ts';

export interface Access extends Operator {
  readonly handlers: AccessHandlers;
  readonly authorize: typeof authorize;
  /** Who a connection with this key (base64url) is now. One `Connection` object must stand for one connection. */
  actorOfKey(publicKey: string, address: string, state: ConnectionState): Promise<Actor>;
  actorOfToken(secret: string, address: string): Promise<Actor | null>;
  /** Grows whenever somebody may do less; at most one read of the database a second. */
  epoch(): Promise<number>;
  /** Calls `listener` when rights were taken away, here or by another process; returns the undo. */
  onEpoch(listener: () => void): () => void;
  /** For features that take rights away themselves: `raise` in their transaction, `raised` after its commit. */
  readonly cutOff: { raise(tx: Tx): Promise<void>; raised(): Promise<void> };
  /** Whether a device has, or had, this key. */
  isDeviceKey(on: Knex, publicKey: string): Promise<boolean>;
  /** Deletes what has expired. Call it every few minutes. */
  sweep(): Promise<void>;
  close(): void;
}

interface Options {
  db: Database;
  sealer: Sealer;
  audit: WriteAudit;
  /** base64url; part of every invite link. */
  serverPublicKey: string;
  linkOrigin: () => LinkOrigin;
  /** Keys of zone workers are no devices; default: there are none. */
  workerOfKey?: WorkerOfKey;
  log: { error(details: object, message: string): void };
  now?: () => number;
}

const keepInvitesMs = 30 * 24 * 3_600_000;

export function createAccess(options: Options): Access {
  const {
    db,
    sealer,
    audit,
    serverPublicKey,
    linkOrigin,
    workerOfKey = async () => null,
    log,
    now = Date.now,
  } = options;
  const passwords = createPasswords();
  const throttle = createThrottle({ now });
  const epoch = createEpoch({ db, log });
  const actors = createActors({ db, workerOfKey, now });
  const signIn = createSignIn({ db, sealer, audit, passwords, throttle, actors, now });
  const enrol = createEnrol({ db, passwords, throttle, signIn, now });
  const account = createAccount({ db, sealer, passwords, throttle, now });
  const users = createUsers({ now });
  const invites = createInvites({ serverPublicKey, linkOrigin, now });
  const revoke = createRevoke({ now });

  return {
    ...createOperator({ db, audit, users, invites, epoch, now }),
    handlers: createHandlers({
      ...{ knex: db.knex, enrol, signIn, account, users, invites, revoke, passwords, epoch, now },
      may: (call, permission) => authorize(call.actor, permission),
    }),
    authorize,
    actorOfKey: actors.ofKey,
    actorOfToken: actors.ofToken,
    epoch: epoch.current,
    onEpoch: epoch.onChange,
    cutOff: { raise: raiseEpoch, raised: epoch.raised },
    isDeviceKey: async (on, publicKey) => (await findDevice(on, { public_key: publicKey })) !== undefined,

    async sweep() {
      const expired = await db.transaction(async (tx) => {
        await deleteInvitesBefore(tx, now() - keepInvitesMs);
        const count = await deleteDeadSessions(tx, now());
        // An open stream of an expired session must end as well.
        if (count > 0) await raiseEpoch(tx);
        return count;
      });
      if (expired > 0) await epoch.raised();
    },

    close: epoch.close,
  };
}
