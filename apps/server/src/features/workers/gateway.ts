import type { ParamsOf, ResultOf } from '@omanager/contract';
import type { WorkerActor } from '../../rpc/actor.ts';
import type { Claims } from '../runs/claims/claims.ts';
import type { Exchanged, Orders, WorkerScope } from '../runs/claims/exchange.ts';
import type { ZoneWork } from '../runs/claims/zoneWork.ts';
import type { HandedIn } from './handedIn.ts';
import type { Lanes } from './lanes.ts';
import { ownerOf } from './owner.ts';
import type { SealedShards } from './sealedShards.ts';

interface Options {
  claims: Pick<Claims, 'exchange' | 'renew'>;
  work: Pick<ZoneWork, 'runsOf' | 'orders'>;
  lanes: Lanes;
  shards: SealedShards;
  handedIn: HandedIn;
  /** The versions that count now, by id. */
  credentialVersions(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  zoneName(zoneId: string): Promise<string>;
  seen(worker: WorkerActor, version: string): Promise<void>;
  settings: RunSettings;
  /** Something about the run changed and was committed. */
  onChange(runId: string): void;
}

/** What every worker keeps to. */
export interface RunSettings {
  leaseMs: number;
  output: { capBytes: number; runCapBytes?: number; diskIsLow?(): boolean };
}

type Method = 'worker.claim' | 'worker.begin' | 'worker.report' | 'worker.renew';

/** What a zone worker may do: all of it about hosts of its own zone, by leases in its own name. */
export type Gateway = {
  [M in Method]: (worker: WorkerActor, asked: ParamsOf<M>, signal: AbortSignal) => Promise<ResultOf<M>>;
};

const sweepMs = 2000;
const nothing = { chunks: [], results: [], probed: [], begins: [] };

export function createGateway(options: Options): Gateway {
  const { claims, work, lanes, shards, handedIn, onChange } = options;

  const asking = new Map<string, AbortController>();

  /** Of each process of a worker only its last question is answered with work: one that it gave up claims nothing. */
  function ask(owner: string): Disposable & { signal: AbortSignal } {
    asking.get(owner)?.abort();
    const own = new AbortController();
    asking.set(owner, own);
    return {
      signal: own.signal,
      [Symbol.dispose]() {
        if (asking.get(owner) === own) asking.delete(owner);
      },
    };
  }

  async function emptyAnswer(worker: WorkerActor): Promise<ResultOf<'worker.claim'>> {
    return { settings: await settingsOf(worker), shards: [], controls: [], stale: [] };
  }

  return {
    async 'worker.claim'(worker, asked, connection) {
      const scope = scopeOf(worker, asked.instance);
      if (asked.plan)
        return { ...(await emptyAnswer(worker)), plan: await shards.plan(worker, scope.owner, asked.plan) };
      // Before anything is waited for: questions count in the order in which they came.
      using question = ask(scope.owner);
      const signal = AbortSignal.any([connection, question.signal]);
      await options.seen(worker, asked.version);
      const answer = await emptyAnswer(worker);
      const until = performance.now() + asked.waitMs;
      const runIds = asked.holding.map(({ runId }) => runId);
      using waiter = lanes.open({ zoneId: worker.zoneId, runIds, wants: asked.want > 0, signal });
      for (;;) {
        const found = {
          controls: await newOrders(asked.holding),
          stale: await staleOf(asked.credentials),
          shards: signal.aborted ? [] : await claimAny(worker, scope, asked.want),
        };
        const left = until - performance.now();
        if (Object.values(found).some((list) => list.length > 0) || left <= 0 || signal.aborted)
          return { ...answer, ...found };
        await waiter.wait(Math.min(left, sweepMs));
      }
    },

    async 'worker.begin'(worker, { instance, runId, hosts }) {
      await handedIn.requireOwnZone(worker, runId, hosts);
      const scope = scopeOf(worker, instance);
      const done = await claims.exchange(runId, scope, { ...nothing, begins: hosts, want: 0 });
      if (done.changed) onChange(runId);
      return { begun: [...done.begun], orders: ordersOf(done) };
    },

    async 'worker.report'(worker, { instance, runId, want, ...given }) {
      const scope = scopeOf(worker, instance);
      const { hostKeys, ...rest } = await handedIn.check(worker, scope.owner, runId, given);
      await handedIn.recordKeys(worker, scope.owner, runId, hostKeys);
      const done = await claims.exchange(runId, scope, { ...rest, begins: [], want });
      return {
        accepted: [...done.accepted],
        shards: await sealed(worker, runId, done, want),
        orders: ordersOf(done),
      };
    },

    async 'worker.renew'(worker, { instance, holding }) {
      const { owner } = scopeOf(worker, instance);
      for (const { runId, ordinals } of holding) await claims.renew(runId, owner, ordinals);
      return { ok: true };
    },
  };

  async function settingsOf({ workerId, zoneId }: WorkerActor): Promise<ResultOf<'worker.claim'>['settings']> {
    const { leaseMs, output } = options.settings;
    return {
      workerId,
      zoneId,
      zone: await options.zoneName(zoneId),
      leaseMs,
      outputCapBytes: output.capBytes,
      runCapBytes: output.runCapBytes ?? null,
      diskIsLow: output.diskIsLow?.() ?? false,
    };
  }

  async function claimAny(worker: WorkerActor, scope: WorkerScope, want: number) {
    const found: ResultOf<'worker.claim'>['shards'] = [];
    let room = want;
    if (room === 0) return found;
    for (const runId of await work.runsOf(worker.zoneId)) {
      const done = await claims.exchange(runId, scope, { ...nothing, want: room });
      found.push(...(await sealed(worker, runId, done, room)));
      room -= done.claimed.length;
      if (room <= 0) break;
    }
    return found;
  }

  async function sealed(worker: WorkerActor, runId: string, done: Exchanged, want: number) {
    if (done.changed) onChange(runId);
    const hosts = done.claimed;
    // There may be more than this worker can take.
    if (want > 0 && hosts.length === want) lanes.call(runId, worker.zoneId);
    return hosts.length === 0 ? [] : [await shards.hosts(worker, runId, { hosts, orders: ordersOf(done) })];
  }

  async function newOrders(holding: ParamsOf<'worker.claim'>['holding']) {
    const orders = await work.orders(holding.map(({ runId }) => runId));
    return holding.flatMap(({ runId, control, graceMs }) => {
      const now = orders.get(runId);
      return now && (now.control !== control || now.graceMs !== graceMs) ? [{ runId, ...now }] : [];
    });
  }

  async function staleOf(credentials: ParamsOf<'worker.claim'>['credentials']): Promise<string[]> {
    if (credentials.length === 0) return [];
    const versions = await options.credentialVersions(credentials.map(({ id }) => id));
    return credentials.filter(({ id, version }) => versions.get(id) !== version).map(({ id }) => id);
  }
}

function ordersOf({ control, graceMs, forced, outputBytes }: Exchanged): Orders {
  return { control, graceMs, forced, outputBytes };
}

function scopeOf({ workerId, zoneId }: WorkerActor, instance: string): WorkerScope {
  return { owner: ownerOf(workerId, instance), zones: { only: [zoneId] } };
}
