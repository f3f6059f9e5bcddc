import { OmError, type ZoneWorker } from '@omanager/contract';
import { decodeKey } from '@omanager/secure-channel';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../db/database.ts';
import { iso, isoOrNull, type PageParams } from '../../db/page.ts';
import type { WorkerActor } from '../../rpc/actor.ts';
import { prefixOf, workerOf } from './owner.ts';
import {
  findByKey,
  findByName,
  insertWorker,
  pageOfWorkers,
  revokeWorker,
  touchWorker,
  type WorkerRow,
} from './store.ts';

export interface ZonesPort {
  byName(on: Knex, name: string): Promise<{ id: string; name: string } | undefined>;
  namesById(on: Knex): Promise<ReadonlyMap<string, string>>;
}

/** What happens to leases when a worker is cut off, and how many there are: the runs know. */
export interface LeasesPort {
  /** Ends all leases whose owner begins so. */
  end(tx: Tx, ownerPrefix: string): Promise<void>;
  /** How many hosts each owner holds by a lease that lives. */
  counts(on: Knex): Promise<ReadonlyMap<string, number>>;
}

/** Which keys are zone workers, and of which zone. */
export interface Registry {
  list(page: PageParams): Promise<{ items: ZoneWorker[]; next?: string }>;
  add(tx: Tx, draft: { name: string; zone: string; publicKey: string }, by: string): Promise<ZoneWorker>;
  /** Its key is nobody's from now on, and its leases end; answers its id. */
  revoke(tx: Tx, name: string): Promise<string>;
  /** Null for a key that is no worker's, or of one that was revoked. */
  ofKey(publicKey: string, address: string): Promise<WorkerActor | null>;
  /** Notes that it was heard of; written every few seconds at most. */
  seen(worker: WorkerActor, version: string): Promise<void>;
}

interface Options {
  db: Database;
  zones: ZonesPort;
  leases: LeasesPort;
  isDeviceKey(on: Knex, publicKey: string): Promise<boolean>;
  /** First statement of each change: orders them, and makes every process ask again who its connections are. */
  raiseEpoch(tx: Tx): Promise<void>;
  now: () => number;
}

const touchEveryMs = 5000;
const awayAfterMs = 30_000;

export function createRegistry({ db, zones, leases, isDeviceKey, raiseEpoch, now }: Options): Registry {
  const touched = new Map<string, number>();

  return {
    async list(page) {
      const { rows, ...next } = await pageOfWorkers(db.knex, page);
      const [names, held] = await Promise.all([zones.namesById(db.knex), hostsByWorker(db.knex)]);
      return { items: rows.map((row) => shown(row, names.get(row.zone_id) ?? '', held.get(row.id) ?? 0)), ...next };
    },

    async add(tx, { name, zone, publicKey }, by) {
      requireUsable(publicKey);
      await raiseEpoch(tx);
      const place = await zones.byName(tx, zone);
      if (!place) throw new OmError('NOT_FOUND', `There is no zone ${zone}; see om zones list.`);
      if (await findByName(tx, name)) {
        throw new OmError('CONFLICT', `There is a worker ${name} already; take another name or revoke it first.`);
      }
      const known = await findByKey(tx, publicKey);
      if (known) throw new OmError('CONFLICT', keyTaken(known));
      if (await isDeviceKey(tx, publicKey)) {
        throw new OmError('CONFLICT', 'This is the key of a device of a person, not of a worker.');
      }
      const row: WorkerRow = {
        ...{ id: uuid(), name, zone_id: place.id, public_key: publicKey, added_by: by, added_at: now() },
        ...{ revoked_at: null, last_seen_at: null, version: null, address: null },
      };
      await insertWorker(tx, row);
      return shown(row, place.name, 0);
    },

    async revoke(tx, name) {
      await raiseEpoch(tx);
      const row = await findByName(tx, name);
      if (!row) throw new OmError('NOT_FOUND', `There is no worker ${name}; see om workers list.`);
      await revokeWorker(tx, row.id, now());
      await leases.end(tx, prefixOf(row.id));
      return row.id;
    },

    async ofKey(publicKey, address) {
      const row = await findByKey(db.knex, publicKey);
      if (!row || row.revoked_at !== null) return null;
      return { kind: 'worker', workerId: row.id, workerName: row.name, zoneId: row.zone_id, publicKey, address };
    },

    async seen({ workerId, address }, version) {
      const at = now();
      if ((touched.get(workerId) ?? 0) + touchEveryMs > at) return;
      touched.set(workerId, at);
      await db.transaction((tx) => touchWorker(tx, workerId, { last_seen_at: at, version, address }));
    },
  };

  async function hostsByWorker(on: Knex): Promise<Map<string, number>> {
    const held = new Map<string, number>();
    for (const [owner, hosts] of await leases.counts(on)) {
      const worker = workerOf(owner);
      if (worker !== null) held.set(worker, (held.get(worker) ?? 0) + hosts);
    }
    return held;
  }

  function shown(row: WorkerRow, zone: string, hosts: number): ZoneWorker {
    return {
      id: row.id,
      name: row.name,
      zone,
      publicKey: row.public_key,
      state: stateOf(row),
      version: row.version,
      address: row.address,
      hosts,
      addedBy: row.added_by,
      addedAt: iso(row.added_at),
      lastSeenAt: isoOrNull(row.last_seen_at),
      revokedAt: isoOrNull(row.revoked_at),
    };
  }

  function stateOf({ revoked_at, last_seen_at }: WorkerRow): ZoneWorker['state'] {
    if (revoked_at !== null) return 'revoked';
    if (last_seen_at === null) return 'new';
    return last_seen_at + awayAfterMs > now() ? 'connected' : 'away';
  }
}

function requireUsable(publicKey: string): void {
  try {
    decodeKey(publicKey);
  } catch {
    throw new OmError('INVALID_PARAMS', 'The public key is not whole: copy all 43 characters that the worker printed.');
  }
}

function keyTaken({ name, revoked_at }: WorkerRow): string {
  return revoked_at === null
    ? `This is the key of the worker ${name} already.`
    : `This key was revoked with the worker ${name}. Remove worker.key on its machine: the worker then makes a new one.`;
}
