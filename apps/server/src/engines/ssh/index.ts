import { createFleet, type FleetStats, type Lease, type SshTarget } from '@omanager/ssh-fleet';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import type { EngineFor, HostIo, HostJob, PlanEngine } from '../../features/runs/engine.ts';
import type { PlanStore } from '../../features/runs/planStore.ts';
import type { BodyPort, InventoryPort, ModulesPort } from '../../features/runs/ports.ts';
import { previewOf, runBody } from './bodies.ts';
import { type HostKeysPort, whyUnreachable } from './reach.ts';
import { type Places, targetOf } from './target.ts';
import type { OpenedCredential } from './types.ts';

interface Options {
  db: Database;
  plans: PlanStore;
  modules: Pick<ModulesPort, 'manifest'>;
  /** Earlier attempts of these hosts that are lost, newest first. */
  lostAttempts(on: Knex, runId: string, ordinals: readonly number[]): Promise<ReadonlyMap<number, number[]>>;
  inventory: Pick<InventoryPort, 'trustOf' | 'endpointKey'>;
  hostKeys: HostKeysPort;
  vault: {
    openMany(ids: readonly string[]): Promise<ReadonlyMap<string, OpenedCredential>>;
    onChange(listener: (credentialId: string) => void): () => void;
  };
  config: { maxConnections: number; maxHandshakes: number; idleMs: number; connectTimeoutMs: number };
}

export interface SshEngine extends BodyPort {
  engineFor: EngineFor;
  stats(): FleetStats;
  close(): Promise<void>;
}

/** Runs shell, script, copy and fetch bodies over pooled SSH connections, shared by all runs. */
export function createSshEngine({
  db,
  plans,
  modules,
  lostAttempts,
  inventory,
  hostKeys,
  vault,
  config,
}: Options): SshEngine {
  const places: Places = new WeakMap();
  const fleet = createFleet({
    ...config,
    async onFirstUse({ trust }, offered) {
      const place = places.get(trust);
      if (!place) throw new Error('a host key was offered by a host that was not asked for');
      await hostKeys.record(place, offered, 'accepted');
    },
  });
  const forget = vault.onChange((credentialId) => fleet.closeCredential(credentialId));

  async function engineFor(runId: string, ordinals: number[]): Promise<PlanEngine> {
    const shard = await openShard(runId, ordinals);
    return { run: (job, io) => runHost(shard, job, io) };
  }

  async function openShard(runId: string, ordinals: number[]) {
    const { plan, moduleDigest } = await plans.get(db.knex, await plans.idOfRun(db.knex, runId));
    const [manifest, input, hosts, lost] = await Promise.all([
      modules.manifest(moduleDigest),
      plans.input(db.knex, plan.id),
      plans.hosts(db.knex, plan.id, { ordinals }),
      lostAttempts(db.knex, runId, ordinals),
    ]);
    const ends = hosts.flatMap((host) => [host, ...host.hops]);
    const credentials = await vault.openMany(ends.flatMap(({ credentialId }) => credentialId ?? []));
    const trust = await inventory.trustOf(db.knex, ends);
    return {
      plan,
      manifest,
      input,
      credentials,
      trust,
      lost,
      hosts: new Map(hosts.map((host) => [host.ordinal, host])),
    };
  }

  type Shard = Awaited<ReturnType<typeof openShard>>;

  async function runHost(shard: Shard, job: HostJob, io: HostIo): ReturnType<PlanEngine['run']> {
    const host = shard.hosts.get(job.ordinal);
    if (!host) throw new Error(`the plan has no host ${job.ordinal}`);
    let target: SshTarget;
    try {
      target = targetOf(host, { ...shard, endpointKey: inventory.endpointKey, places });
    } catch (error) {
      return { state: 'unreachable', reason: 'auth_failed', message: messageOf(error) };
    }
    let lease: Lease;
    try {
      lease = await fleet.acquire(target, io.aborted);
    } catch (error) {
      return io.aborted.aborted ? { state: 'not_started' } : whyUnreachable(error, host, hostKeys);
    }
    try {
      if (!(await io.begin())) return { state: 'not_started' };
      return await runBody({
        job,
        host,
        lease,
        manifest: shard.manifest,
        input: shard.input,
        credential: shard.credentials.get(host.credentialId ?? ''),
        timeoutMs: shard.plan.timeoutMs,
        runAs: shard.plan.runAs,
        lost: shard.lost.get(job.ordinal) ?? [],
        io,
      });
    } finally {
      lease.release();
    }
  }

  return {
    engineFor,
    preview: previewOf,
    stats: fleet.stats,
    async close() {
      forget();
      await fleet.close();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
