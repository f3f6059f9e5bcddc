import { createFleet, type FleetStats, type Lease, type SshTarget } from '@omanager/ssh-fleet';
import type { EngineFor, HostIo, HostJob, PlanEngine } from '../../features/runs/engine.ts';
import type { BodyPort, InventoryPort } from '../../features/runs/ports.ts';
import { previewOf, runBody } from './bodies.ts';
import { type HostKeysPort, whyUnreachable } from './reach.ts';
import type { Shard, ShardSource } from './shard.ts';
import { type Places, targetOf } from './target.ts';

interface Options {
  shards: ShardSource;
  endpointKey: InventoryPort['endpointKey'];
  hostKeys: HostKeysPort;
  /** Credentials that were replaced or removed: connections made with them are closed. Returns the undo. */
  onCredentialChange(listener: (credentialId: string) => void): () => void;
  config: { maxConnections: number; maxHandshakes: number; idleMs: number; connectTimeoutMs: number };
}

export interface SshEngine extends BodyPort {
  engineFor: EngineFor;
  stats(): FleetStats;
  close(): Promise<void>;
}

/** Runs shell, script, copy and fetch bodies over pooled SSH connections, shared by all runs. */
export function createSshEngine({ shards, endpointKey, hostKeys, onCredentialChange, config }: Options): SshEngine {
  const places: Places = new WeakMap();
  const fleet = createFleet({
    ...config,
    async onFirstUse({ trust }, offered) {
      const place = places.get(trust);
      if (!place) throw new Error('a host key was offered by a host that was not asked for');
      await hostKeys.record(place, offered, 'accepted');
    },
  });
  const forget = onCredentialChange((credentialId) => fleet.closeCredential(credentialId));

  async function engineFor(runId: string, ordinals: number[]): Promise<PlanEngine> {
    const shard = await shards.open(runId, ordinals);
    return { run: (job, io) => runHost(shard, job, io) };
  }

  async function runHost(shard: Shard, job: HostJob, io: HostIo): ReturnType<PlanEngine['run']> {
    const host = shard.hosts.get(job.ordinal);
    if (!host) throw new Error(`the plan has no host ${job.ordinal}`);
    let target: SshTarget;
    try {
      target = targetOf(host, { ...shard, endpointKey, places });
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
        timeoutMs: shard.timeoutMs,
        runAs: shard.runAs,
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
