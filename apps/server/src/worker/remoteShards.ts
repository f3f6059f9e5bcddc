import { OmError, type WorkerSettings } from '@omanager/contract';
import type { KeyPair, Primitives } from '@omanager/secure-channel';
import { openSealed, shardContext } from '../channel/sealedBox.ts';
import type { HostKeysPort } from '../engines/ssh/reach.ts';
import type { ShardAgentKey, ShardHosts, ShardPlan, ShardSource } from '../engines/ssh/shard.ts';
import { decodeHosts, decodePlan } from '../engines/ssh/shardMessage.ts';
import type { OpenedCredential } from '../engines/ssh/types.ts';
import type { Endpoint, FrozenHost, Trust } from '../features/runs/ports.ts';
import type { Shard as Sealed } from './heldRuns.ts';
import type { ServerLink } from './serverLink.ts';

interface Options {
  link: Pick<ServerLink, 'call'>;
  instance: string;
  version: string;
  keyPair: KeyPair;
  crypto: Primitives;
  settings(): Pick<WorkerSettings, 'workerId' | 'zoneId'>;
  endpointKey(endpoint: Endpoint): string;
  /** Whether this worker is working on the host. */
  holds(runId: string, ordinal: number): boolean;
  /** A credential was opened, so that connections may be made with it. */
  onCredential(id: string, version: number): void;
}

/** Shards as the server sealed them for this worker. Secrets are open only in what `open` returns, and in the plans of runs under way. */
export interface RemoteShards extends ShardSource {
  add(shard: Sealed): void;
  /** Nothing is held of the run any more. */
  forget(runId: string): void;
  hostKeys: HostKeysPort;
}

interface RunShards {
  /** By ordinal; the same message for all hosts of a shard. */
  sealed: Map<number, string>;
  plan: Promise<ShardPlan> | undefined;
  /** Which host, or which jump host on its way (from 1), an endpoint is. */
  places: Map<string, { ordinal: number; hop: number | null }>;
}

export function createRemoteShards(options: Options): RemoteShards {
  const { link, instance, version, keyPair, crypto, settings, endpointKey } = options;
  const runs = new Map<string, RunShards>();

  function of(runId: string): RunShards {
    const known = runs.get(runId);
    if (known) return known;
    const run: RunShards = { sealed: new Map(), plan: undefined, places: new Map() };
    runs.set(runId, run);
    return run;
  }

  function unseal(kind: 'shard' | 'plan', runId: string, part: string, message: string): Uint8Array {
    const { zoneId, workerId } = settings();
    const context = shardContext({ kind, runId, zoneId, workerId, part });
    const plain = openSealed(crypto, keyPair, context, Buffer.from(message, 'base64'));
    if (!plain) throw new OmError('INTERNAL', 'What the server sealed for this worker does not open.');
    return plain;
  }

  async function fetchPlan(runId: string): Promise<ShardPlan> {
    const pieces: Uint8Array[] = [];
    for (let part = 0, parts = 1; part < parts; part++) {
      const asked = { instance, version, want: 0, waitMs: 0, plan: { runId, part } };
      const { plan } = await link.call('worker.claim', asked);
      if (!plan) throw new OmError('INTERNAL', 'The server did not give the plan of the run.');
      parts = plan.parts;
      pieces.push(unseal('plan', runId, `${part}/${parts}`, plan.sealed));
    }
    const whole = Buffer.concat(pieces);
    const plan = decodePlan(whole);
    for (const bytes of [whole, ...pieces]) bytes.fill(0);
    return plan;
  }

  function planOf(runId: string): Promise<ShardPlan> {
    const run = of(runId);
    run.plan ??= fetchPlan(runId).catch((error: unknown) => {
      run.plan = undefined;
      throw asUnreachable(error);
    });
    return run.plan;
  }

  /** Opens each message once, and forgets it when all its hosts were asked for. */
  function openHosts(runId: string, ordinals: readonly number[]): ShardHosts {
    const { sealed, places } = of(runId);
    const all = {
      hosts: new Map<number, FrozenHost>(),
      credentials: new Map<string, OpenedCredential>(),
      trust: new Map<string, Trust>(),
      lost: new Map<number, number[]>(),
      agentKeys: new Map<number, ShardAgentKey>(),
    };
    const opened = new Map<string, ShardHosts>();
    for (const ordinal of ordinals) {
      const message = sealed.get(ordinal);
      if (message === undefined) throw new Error(`the server gave no shard for host ${ordinal}`);
      const shard = opened.get(message) ?? openMessage(runId, message);
      opened.set(message, shard);
      sealed.delete(ordinal);
      const host = shard.hosts.get(ordinal);
      if (!host) continue;
      all.hosts.set(ordinal, host);
      places.set(endpointKey(host), { ordinal, hop: null });
      for (const [i, hop] of host.hops.entries()) places.set(endpointKey(hop), { ordinal, hop: i + 1 });
      const lost = shard.lost.get(ordinal);
      if (lost) all.lost.set(ordinal, lost);
      const agentKey = shard.agentKeys.get(ordinal);
      if (agentKey) all.agentKeys.set(ordinal, agentKey);
    }
    for (const shard of opened.values()) {
      for (const [id, one] of shard.credentials) all.credentials.set(id, one);
      for (const [place, one] of shard.trust) all.trust.set(place, one);
    }
    for (const { id, version: at } of all.credentials.values()) options.onCredential(id, at);
    return all;
  }

  function openMessage(runId: string, message: string): ShardHosts {
    const plain = unseal('shard', runId, '', message);
    const shard = decodeHosts(plain);
    plain.fill(0);
    return shard;
  }

  return {
    add({ runId, hosts, sealed }) {
      const run = of(runId);
      for (const { ordinal } of hosts) run.sealed.set(ordinal, sealed);
    },

    async open(runId, ordinals) {
      const plan = await planOf(runId);
      return { ...plan, ...openHosts(runId, ordinals) };
    },

    forget: (runId) => void runs.delete(runId),

    hostKeys: {
      async record(endpoint, { key }, why) {
        const place = endpointKey(endpoint);
        for (const [runId, { places }] of runs) {
          const found = places.get(place);
          if (!found || !options.holds(runId, found.ordinal)) continue;
          const seen = { ...found, key, why };
          await link.call('worker.report', { instance, runId, hostKeys: [seen], want: 0 });
          return;
        }
        throw new Error('a host key was shown by a host that is not held');
      },
    },
  };
}

/** The server could not answer now: nothing was sent to the hosts, so they are asked for again. */
function asUnreachable(error: unknown): unknown {
  if (!(error instanceof OmError) || (error.code !== 'INTERNAL' && error.code !== 'BUSY')) return error;
  return Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNRESET' });
}
