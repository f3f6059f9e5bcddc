import { createFleet, type FleetStats, type Lease, type SshTarget } from '@omanager/ssh-fleet';
import type { Probed } from '../../features/runs/claims/exchange.ts';
import type { EngineFor, HostIo, HostJob, PlanEngine } from '../../features/runs/execute/engine.ts';
import type { BodyPort, FrozenHost, InventoryPort, ResolvedHost } from '../../features/runs/ports.ts';
import type { FilePorts } from '../../features/terminal/files/ports.ts';
import { createTurns } from '../../turns.ts';
import { previewOf, runBody } from './bodies.ts';
import { createUseHost, type DirectSource } from './direct.ts';
import type { Collected } from './execute.ts';
import { type Filtering, filteringOf } from './filtering.ts';
import { createOpenFiles } from './openFiles.ts';
import { createOpenShell, type OpenShell } from './openShell.ts';
import { notReached, probeHost } from './probe.ts';
import { type HostKeysPort, type Unreached, whyUnreachable } from './reach.ts';
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
  /** Opens shells and files with what the inventory and the vault say now. */
  createDirect(from: DirectSource): { openShell: OpenShell } & FilePorts<ResolvedHost>;
  stats(): FleetStats;
  close(): Promise<void>;
}

/** How long the filters of all runs together may hold the event loop at a stretch. */
const filterSliceMs = 10;

/** Runs shell, script, copy and fetch bodies over pooled SSH connections, shared by all runs. */
export function createSshEngine({ shards, endpointKey, hostKeys, onCredentialChange, config }: Options): SshEngine {
  const places: Places = new WeakMap();
  const turns = createTurns(filterSliceMs);
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
    const filtering = shard.filter ? filteringOf(shard.filter, turns) : undefined;
    return {
      follows: shard.manifest.follow ?? false,
      run: (job, io) => runHost(shard, job, io, filtering),
      probe: (job, ask, signal) => probe(shard, job, ask, signal),
      namesOf: (ordinal) => {
        const host = shard.hosts.get(ordinal);
        return host ? [host.name, host.address] : [];
      },
    };
  }

  async function runHost(
    shard: Shard,
    job: HostJob,
    io: HostIo,
    filtering: Filtering | undefined,
  ): ReturnType<PlanEngine['run']> {
    const host = hostOf(shard, job);
    const lease = await reach(shard, host, io.aborted);
    if (lease === 'aborted') return { state: 'not_started' };
    if ('state' in lease) return lease;
    const collecting: Collected[] = [];
    try {
      if (!(await io.begin())) return { state: 'not_started' };
      return await runBody({ ...ofHost(shard, job, host, lease), filtering, collecting, io });
    } finally {
      void collect(collecting, io).finally(() => lease.release());
    }
  }

  /** The host keeps what it knows of a script until its result is stored here. */
  async function collect(collecting: readonly Collected[], { stored }: HostIo): Promise<void> {
    if (collecting.length === 0) return;
    const yes = (await stored?.()) ?? false;
    await Promise.all(collecting.map((collected) => collected(yes)));
  }

  async function probe(shard: Shard, job: HostJob, ask: 'look' | 'kill', signal: AbortSignal): Promise<Probed> {
    const host = hostOf(shard, job);
    const lease = await reach(shard, host, signal);
    if (lease === 'aborted') throw signal.reason;
    if ('state' in lease) return notReached(lease.message);
    try {
      return await probeHost(ofHost(shard, job, host, lease), ask, signal);
    } finally {
      lease.release();
    }
  }

  /** A connection to the host, or why there is none. */
  async function reach(shard: Shard, host: FrozenHost, signal: AbortSignal): Promise<Lease | Unreached | 'aborted'> {
    let target: SshTarget;
    try {
      target = targetOf(host, { ...shard, endpointKey, places });
    } catch (error) {
      return { state: 'unreachable', reason: 'auth_failed', message: messageOf(error) };
    }
    try {
      return await fleet.acquire(target, signal);
    } catch (error) {
      return signal.aborted ? 'aborted' : whyUnreachable(error, host, hostKeys);
    }
  }

  return {
    engineFor,
    createDirect(from) {
      const useHost = createUseHost({ fleet, places, endpointKey, hostKeys, ...from });
      return { openShell: createOpenShell(useHost), openFiles: createOpenFiles(useHost) };
    },
    preview: previewOf,
    stats: fleet.stats,
    async close() {
      forget();
      await fleet.close();
    },
  };
}

function hostOf({ hosts }: Shard, { ordinal }: HostJob): FrozenHost {
  const host = hosts.get(ordinal);
  if (!host) throw new Error(`the plan has no host ${ordinal}`);
  return host;
}

function ofHost(shard: Shard, job: HostJob, host: FrozenHost, lease: Lease) {
  const { manifest, input, timeoutMs, runAs } = shard;
  return {
    job,
    host,
    lease,
    manifest,
    input,
    timeoutMs,
    runAs,
    credential: shard.credentials.get(host.credentialId ?? ''),
    lost: shard.lost.get(job.ordinal) ?? [],
    agentKey: shard.agentKeys.get(job.ordinal),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
