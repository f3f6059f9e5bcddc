import type { LineFilter } from '@omanager/contract';
import type { Manifest } from '@omanager/task-module';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import type { PlanStore } from '../../features/runs/plan/planStore.ts';
import type { FrozenHost, InventoryPort, ModulesPort, RunInput, Trust } from '../../features/runs/ports.ts';
import type { OpenedCredential } from './types.ts';

/** What one run does everywhere: the same for each of its shards. */
export interface ShardPlan {
  manifest: Manifest;
  input: RunInput;
  timeoutMs: number;
  /** Which lines of the output are kept; null: all. */
  filter: LineFilter | null;
  /** Run as this user through sudo; null is the login itself. */
  runAs: string | null;
}

/** Some hosts of one run, with all that is needed to reach them: secrets are open in here, so it lives for the shard only. */
export interface ShardHosts {
  hosts: ReadonlyMap<number, FrozenHost>;
  /** By id; absent are those that were removed. */
  credentials: ReadonlyMap<string, OpenedCredential>;
  trust: ReadonlyMap<string, Trust>;
  /** Earlier attempts that are lost, by ordinal, newest first. */
  lost: ReadonlyMap<number, number[]>;
  /** The key that each host's audit agent is to sign with, by ordinal; empty unless the module asks for it. */
  agentKeys: ReadonlyMap<number, ShardAgentKey>;
}

/** A host's own key: `key` in hex. */
export interface ShardAgentKey {
  id: string;
  hostId: string;
  key: string;
}

export type Shard = ShardPlan & ShardHosts;

/** Where the engine gets its shards from. */
export interface ShardSource {
  open(runId: string, ordinals: number[]): Promise<Shard>;
}

export interface ShardStoreOptions {
  db: Database;
  plans: PlanStore;
  modules: Pick<ModulesPort, 'manifest'>;
  /** Earlier attempts of these hosts that are lost, newest first. */
  lostAttempts(on: Knex, runId: string, ordinals: readonly number[]): Promise<ReadonlyMap<number, number[]>>;
  inventory: Pick<InventoryPort, 'trustOf'>;
  vault: { openMany(ids: readonly string[]): Promise<ReadonlyMap<string, OpenedCredential>> };
  /** The key that a host's agent is to sign with from now on. */
  issueAgentKey(hostId: string): Promise<{ id: string; hostId: string; key: Uint8Array }>;
}

export interface ShardStore extends ShardSource {
  plan(runId: string): Promise<ShardPlan>;
  hosts(runId: string, ordinals: number[]): Promise<ShardHosts>;
}

/** Shards from this process's own database and vault. */
export function createShardStore({
  db,
  plans,
  modules,
  lostAttempts,
  inventory,
  vault,
  issueAgentKey,
}: ShardStoreOptions): ShardStore {
  async function plan(runId: string): Promise<ShardPlan> {
    const { plan, moduleDigest } = await plans.get(db.knex, await plans.idOfRun(db.knex, runId));
    const [manifest, input] = await Promise.all([modules.manifest(moduleDigest), plans.input(db.knex, plan.id)]);
    return { manifest, input, timeoutMs: plan.timeoutMs, filter: plan.filter, runAs: plan.runAs };
  }

  async function hosts(runId: string, ordinals: number[]): Promise<ShardHosts> {
    const planId = await plans.idOfRun(db.knex, runId);
    const [frozen, lost] = await Promise.all([
      plans.hosts(db.knex, planId, { ordinals }),
      lostAttempts(db.knex, runId, ordinals),
    ]);
    const ends = frozen.flatMap((host) => [host, ...host.hops]);
    const credentials = await vault.openMany(ends.flatMap(({ credentialId }) => credentialId ?? []));
    const trust = await inventory.trustOf(db.knex, ends);
    const agentKeys = await agentKeysOf(planId, frozen);
    return { hosts: new Map(frozen.map((host) => [host.ordinal, host])), credentials, trust, lost, agentKeys };
  }

  async function agentKeysOf(planId: string, frozen: FrozenHost[]): Promise<Map<number, ShardAgentKey>> {
    const keys = new Map<number, ShardAgentKey>();
    const { moduleDigest } = await plans.get(db.knex, planId);
    if (!(await modules.manifest(moduleDigest)).agentKey) return keys;
    for (const { ordinal, hostId } of frozen) {
      const { id, key } = await issueAgentKey(hostId);
      keys.set(ordinal, { id, hostId, key: Buffer.from(key).toString('hex') });
    }
    return keys;
  }

  return {
    plan,
    hosts,
    async open(runId, ordinals) {
      const [shared, own] = await Promise.all([plan(runId), hosts(runId, ordinals)]);
      return { ...shared, ...own };
    },
  };
}
