import { randomUUID } from 'node:crypto';
import {
  contract,
  type HostDraft,
  hostDraftSchema,
  type MethodName,
  OmError,
  permissionsOf,
  type ResultOf,
  type RolePermission,
} from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../apps/server/src/db/database.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import {
  type CredentialNames,
  createInventory,
  type Inventory,
} from '../../apps/server/src/features/inventory/index.ts';
import { describeNewest, newestSql } from '../../apps/server/src/features/runs/history/lastRuns.ts';
import type { SignedIn } from '../../apps/server/src/rpc/actor.ts';
import type { AuditNote, AuthorizeObject, ChangeCall, Committed } from '../../apps/server/src/rpc/handlers.ts';

/** What the vault answers, straight from its table. */
const credentials: CredentialNames = {
  async idsByName(on, names) {
    const rows: { id: string; name: string }[] = await on('credentials').whereIn('name', names);
    return new Map(rows.map((row) => [row.name, row.id]));
  },
  async byIds(on, ids) {
    const rows: { id: string; name: string; version: number }[] = await on('credentials').whereIn('id', ids);
    return new Map(rows.map(({ id, name, version }) => [id, { name, version }]));
  },
};

/** Inventory on a database, called as the dispatcher would call it. */
export interface Rig {
  db: Database;
  inventory: Inventory;
  /** Calls a handler by name; params and result pass the contract's schemas. */
  call<N extends MethodName & keyof Inventory['handlers']>(name: N, params: unknown, as?: Caller): Promise<ResultOf<N>>;
  /** Audit notes and authorisations of the last call. */
  seen: { notes: AuditNote[]; asked: { permission: RolePermission; object: AuthorizeObject | undefined }[] };
}

export interface Caller {
  may: (permission: RolePermission, object: AuthorizeObject | undefined) => boolean;
}

const operator: Caller = { may: (permission) => permissionsOf.operator.has(permission) };
export const without = (missing: RolePermission): Caller => ({
  may: (permission) => permission !== missing && permissionsOf.admin.has(permission),
});

export function createRig(db: Database): Rig {
  const history = { sql: newestSql, describe: describeNewest };
  const inventory = createInventory({ db, audit: writeAudit, credentials, history });
  const seen: Rig['seen'] = { notes: [], asked: [] };
  return {
    db,
    inventory,
    seen,
    async call(name, params, as = operator) {
      seen.notes.length = 0;
      seen.asked.length = 0;
      const method = contract[name];
      const call = fakeCall(db, seen, as);
      // A name picks handler and params together; TypeScript cannot follow that through a union.
      const handler = inventory.handlers[name] as (call: ChangeCall, params: unknown) => Promise<unknown>;
      const answer = await handler(call, method.params.parse(params));
      const result = method.kind === 'change' ? (answer as Committed<unknown>).value : answer;
      return method.result.parse(result) as ResultOf<typeof name>;
    },
  };
}

function fakeCall(db: Database, seen: Rig['seen'], caller: Caller): ChangeCall {
  const actor: SignedIn = {
    kind: 'user',
    userId: randomUUID(),
    userName: 'ada',
    role: 'operator',
    permissions: permissionsOf.operator,
    deviceId: randomUUID(),
    sessionId: randomUUID(),
    tokenId: null,
    publicKey: 'key',
    address: '127.0.0.1',
  };
  return {
    actor,
    connection: null,
    signal: new AbortController().signal,
    signedIn: () => actor,
    authorize(permission, object) {
      seen.asked.push({ permission, object });
      if (!caller.may(permission, object)) throw new OmError('FORBIDDEN');
    },
    callId: randomUUID(),
    async commit<R>(work: (tx: Knex.Transaction, note: AuditNote) => Promise<R>) {
      const note: AuditNote = {};
      const value = await db.transaction((tx) => work(tx, note));
      seen.notes.push(note);
      return { value } as Committed<R>;
    },
  };
}

export function draft(name: string, more: Partial<HostDraft> = {}): HostDraft {
  return hostDraftSchema.parse({ name, address: '10.0.0.1', user: 'root', ...more });
}

export async function addCredential(db: Database, name: string, version = 1): Promise<string> {
  const id = randomUUID();
  await db.knex('credentials').insert({
    id,
    name,
    kind: 'password',
    version,
    has_sudo_password: false,
    sealed: Buffer.alloc(1),
    created_at: 0,
    updated_at: 0,
  });
  return id;
}

/** Empties the inventory between tests. */
export async function clearInventory({ db, inventory }: Rig): Promise<void> {
  for (const table of [
    'zone_jump_hosts',
    'host_keys',
    'hosts',
    'host_groups',
    'zones',
    'credentials',
    'action_events',
  ]) {
    await db.knex(table).delete();
  }
  await inventory.ensureDefaults();
}

/** The error a call ends with. */
export async function refusal(promise: Promise<unknown>): Promise<OmError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof OmError) return error;
  throw new Error(`expected a refusal, got ${String(error)}`);
}
