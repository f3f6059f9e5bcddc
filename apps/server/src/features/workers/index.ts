import type { Knex } from 'knex';
import type { Bus } from '../../bus/bus.ts';
import type { Database, Tx } from '../../db/database.ts';
import type { Queue } from '../../queue/queue.ts';
import type { WorkerActor } from '../../rpc/actor.ts';
import type { HandlersOf } from '../../rpc/handlers.ts';
import type { Claims } from '../runs/claims/claims.ts';
import type { ZoneWork } from '../runs/claims/zoneWork.ts';
import { createGateway, type RunSettings } from './gateway.ts';
import { createHandedIn, type HostKeysPort } from './handedIn.ts';
import { createHandlers, type WorkerMethod } from './handlers.ts';
import { createLanes } from './lanes.ts';
import { createRegistry, type ZonesPort } from './registry.ts';
import { createSealedShards, type Seal, type ShardsPort } from './sealedShards.ts';

export { createWorkerZones } from './workerZones.ts';

interface Options {
  db: Database;
  bus: Bus;
  queue: Queue;
  claims: Pick<Claims, 'exchange' | 'renew'>;
  work: ZoneWork;
  shards: ShardsPort;
  seal: Seal;
  hostKeys: HostKeysPort;
  zones: ZonesPort;
  credentials: {
    byIds(on: Knex, ids: readonly string[]): Promise<ReadonlyMap<string, { version: number }>>;
    onChange(listener: (id: string) => void): () => void;
  };
  access: {
    isDeviceKey(on: Knex, publicKey: string): Promise<boolean>;
    cutOff: { raise(tx: Tx): Promise<void>; raised(): Promise<void> };
  };
  settings: RunSettings;
  now?: () => number;
}

export interface Workers {
  readonly handlers: HandlersOf<WorkerMethod>;
  close(): Promise<void>;
}

/** Which worker has this key: asked for every connection, before anything else of this feature exists. */
export type WorkerOfKey = (publicKey: string, address: string) => Promise<WorkerActor | null>;

/** Workers of other zones: which there are, and what they may do. Needs runs, inventory, vault and access. */
export function createWorkers(options: Options): Workers & { ofKey: WorkerOfKey } {
  const { db, bus, queue, claims, work, shards, seal, hostKeys, zones, credentials, access, settings } = options;
  const registry = createRegistry({
    db,
    zones,
    leases: { end: work.endLeases, counts: work.leases },
    isDeviceKey: access.isDeviceKey,
    raiseEpoch: access.cutOff.raise,
    now: options.now ?? Date.now,
  });
  const lanes = createLanes({ queue, bus });
  const forget = credentials.onChange(() => lanes.wakeAll());
  const gateway = createGateway({
    claims,
    work,
    lanes,
    shards: createSealedShards({ shards, seal, work }),
    handedIn: createHandedIn({ work, hostKeys, runCapBytes: settings.output.runCapBytes }),
    async credentialVersions(ids) {
      const found = await credentials.byIds(db.knex, ids);
      return new Map([...found].map(([id, { version }]) => [id, version]));
    },
    zoneName: async (zoneId) => (await zones.namesById(db.knex)).get(zoneId) ?? '',
    seen: registry.seen,
    settings,
    onChange: (runId) => {
      bus.publish(`run:${runId}`);
      bus.publish('lists');
    },
  });
  return {
    ofKey: registry.ofKey,
    handlers: createHandlers({ registry, gateway, raised: access.cutOff.raised }),
    async close() {
      forget();
      await lanes.close();
    },
  };
}
