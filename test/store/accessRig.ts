import { randomBytes, randomUUID } from 'node:crypto';
import {
  type ErrorCode,
  fromRpcError,
  type MethodName,
  OmError,
  type ParamsIn,
  type ResultOf,
} from '@omanager/contract';
import type { Database } from '../../apps/server/src/db/database.ts';
import { type Access, createAccess } from '../../apps/server/src/features/access/index.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { createVault, type Vault } from '../../apps/server/src/features/vault/index.ts';
import { newMasterKey } from '../../apps/server/src/features/vault/keyFile.ts';
import { createSealer, type Sealer } from '../../apps/server/src/features/vault/sealer.ts';
import type { Actor } from '../../apps/server/src/rpc/actor.ts';
import { createCalls } from '../../apps/server/src/rpc/calls.ts';
import { createDispatcher } from '../../apps/server/src/rpc/dispatcher.ts';
import type { Handlers } from '../../apps/server/src/rpc/handlers.ts';

/** Access and vault behind the real dispatcher, without sockets. */
export interface AccessRig {
  readonly db: Database;
  readonly access: Access;
  readonly vault: Vault;
  readonly sealer: Sealer;
  readonly clock: { now: number };
  /** What was logged; must stay free of secrets. */
  readonly logged: string[];
  /** A connection of a fresh device key, or of the given one. */
  connect(options?: { publicKey?: string; address?: string }): TestConnection;
  /** Calls with an API token, as POST /rpc does. */
  withToken(secret: string): Pick<TestConnection, 'call' | 'actor'>;
  /** Makes a user with a role, enrolled and signed in on a fresh device. */
  user(name: string, role?: 'admin' | 'operator' | 'auditor' | 'viewer'): Promise<TestConnection>;
}

export interface TestConnection {
  readonly publicKey: string;
  actor(): Promise<Actor>;
  call<N extends MethodName>(method: N, params: ParamsIn<N>, callId?: string): Promise<ResultOf<N>>;
}

export const password = 'correct horse battery';

export function createAccessRig(db: Database, more: Partial<Handlers> = {}): AccessRig {
  const sealer = createSealer([newMasterKey()]);
  const clock = { now: Date.now() };
  const logged: string[] = [];
  const log = { error: (details: object, message: string) => void logged.push(JSON.stringify([details, message])) };
  const now = () => clock.now;
  const access = createAccess({
    ...{ db, sealer, log, now },
    audit: writeAudit,
    serverPublicKey: randomBytes(32).toString('base64url'),
    linkOrigin: () => ({ host: '127.0.0.1', port: 7443, tls: false }),
  });
  const vault = createVault({ db, sealer, now });
  const dispatcher = createDispatcher({
    // Only methods of these features are called here.
    handlers: { ...access.handlers, ...vault.handlers, ...more } as unknown as Handlers,
    ...{ db, log },
    calls: createCalls({ db, sealer }),
    audit: writeAudit,
    authorize: access.authorize,
  });

  async function send(caller: Parameters<typeof dispatcher.handle>[1], method: string, params: unknown, id: string) {
    const text = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    const answer = JSON.parse((await dispatcher.handle(text, caller, AbortSignal.timeout(60_000))) ?? 'null');
    if (answer.error) throw fromRpcError(answer.error);
    return answer.result;
  }

  function connect({ publicKey = newDeviceKey(), address = '127.0.0.1' } = {}): TestConnection {
    let sessionId: string | null = null;
    let pendingUserId: string | null = null;
    const connection = {
      publicKey,
      address,
      attach(session: { id: string } | null) {
        sessionId = session?.id ?? null;
        pendingUserId = null;
      },
      attachPending(userId: string | null) {
        sessionId = null;
        pendingUserId = userId;
      },
    };
    const actor = () => access.actorOfKey(publicKey, address, { sessionId, pendingUserId });
    return {
      publicKey,
      actor,
      call: (method, params, callId = randomUUID()) => send({ actor, connection }, method, params, callId),
    };
  }

  return {
    ...{ db, access, vault, sealer, clock, logged, connect },
    withToken(secret) {
      const actor = async () => {
        const found = await access.actorOfToken(secret, '127.0.0.1');
        if (!found) throw new OmError('UNAUTHENTICATED');
        return found;
      };
      return {
        actor,
        call: (method, params, callId = randomUUID()) => send({ actor, connection: null }, method, params, callId),
      };
    },
    async user(name, role = 'operator') {
      const { link } = await access.createInvite({ role, ttlMinutes: 60, by: 'test' });
      const connection = connect();
      await connection.call('access.enrol', enrolment(link, name));
      if ((await connection.call('access.whoami', {})).role !== role) {
        throw new Error('the first user is an admin: make one first');
      }
      return connection;
    },
  };
}

function newDeviceKey(): string {
  return randomBytes(32).toString('base64url');
}

export function codeOf(link: string): string {
  return link.slice(link.lastIndexOf('.') + 1);
}

export function enrolment(link: string, userName: string, overrides: { password?: string } = {}) {
  return { code: codeOf(link), userName, password, deviceName: `${userName}'s laptop`, ...overrides };
}

/** The error code a call is refused with, or 'ok'. */
export async function outcome(call: Promise<unknown>): Promise<ErrorCode | 'ok'> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof OmError) return error.code;
    throw error;
  }
}

/** Empties the tables of access and vault, children first. */
export async function clearAccess(db: Database): Promise<void> {
  for (const table of ['action_events', 'calls', 'tokens', 'invites', 'sessions', 'devices', 'users', 'credentials']) {
    await db.knex(table).delete();
  }
}

/** An empty store, with an admin called root who is enrolled and signed in. */
export async function startAccess(
  db: Database,
  more: Partial<Handlers> = {},
): Promise<{ rig: AccessRig; admin: TestConnection }> {
  await clearAccess(db);
  const rig = createAccessRig(db, more);
  const first = await rig.access.firstInvite();
  const admin = rig.connect();
  await admin.call('access.enrol', enrolment(first?.link ?? '', 'root'));
  return { rig, admin };
}

/** What the audit says, oldest first. */
export async function auditedOf({ knex }: Database, where: Record<string, unknown>) {
  const rows = await knex('action_events').where(where).orderBy('id');
  return rows.map(({ action, outcome, code, details, object }) => ({
    ...{ action, outcome, code, object },
    details: JSON.parse(details),
  }));
}

/** The seed as an authenticator app reads it. */
export function base32Bytes(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
