import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../db/database.ts';
import type { WriteAudit } from '../audit/writer.ts';
import { changeKeys, deleteKeys, type HostKeyRow, insertKeys, keysAt } from './hostKeyStore.ts';
import { lock } from './sql.ts';
import { type Endpoint, endpointKey } from './types.ts';
import { allZones } from './zoneStore.ts';

export interface OfferedKey {
  readonly type: string;
  /** Base64, as in known_hosts. */
  readonly key: string;
  readonly fingerprint: string;
}

/** Why a key is recorded: none was known, another was known, or the zone accepts first keys. */
export type Sighting = 'unknown' | 'changed' | 'accepted';

export type RecordHostKey = (endpoint: Endpoint, offered: OfferedKey, why: Sighting) => Promise<HostKeyRow['state']>;

interface Waiting {
  endpoint: Endpoint;
  offered: OfferedKey;
  why: Sighting;
  resolve(state: HostKeyRow['state']): void;
  reject(error: unknown): void;
}

/** A server that shows a new key each time must not fill the table: the oldest waiting keys make room. */
const maxPendingPerEndpoint = 8;
const maxBatch = 200;

/**
 * Writes down keys that servers showed. Sightings that come while a transaction is under way share the next one, so
 * that ten thousand first connections do not mean ten thousand commits. Bounded by the connections that wait for it.
 */
export function createHostKeyRecorder({
  db,
  audit,
  clock,
}: {
  db: Database;
  audit: WriteAudit;
  clock: () => number;
}): RecordHostKey {
  const waiting: Waiting[] = [];
  let working = false;

  return (endpoint, offered, why) =>
    new Promise((resolve, reject) => {
      waiting.push({ endpoint, offered, why, resolve, reject });
      if (!working) void work();
    });

  async function work(): Promise<void> {
    working = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxBatch);
      try {
        const states = await db.transaction((tx) => writeAll(tx, batch));
        batch.forEach((sighting, i) => {
          sighting.resolve(states[i] ?? 'pending');
        });
      } catch (error) {
        for (const sighting of batch) sighting.reject(error);
      }
    }
    working = false;
  }

  async function writeAll(tx: Tx, batch: readonly Waiting[]): Promise<HostKeyRow['state'][]> {
    await lock(tx, 'host_keys');
    const known = await keysAt(
      tx,
      batch.map((sighting) => sighting.endpoint),
    );
    const zones = new Map((await allZones(tx)).map((zone) => [zone.id, zone]));
    const states: HostKeyRow['state'][] = [];
    for (const { endpoint, offered, why } of batch) {
      const zone = zones.get(endpoint.zoneId);
      // The zone was removed while the connection was being made: there is nothing left to decide.
      if (!zone) {
        states.push('pending');
        continue;
      }
      const id = endpointKey(endpoint);
      const rows = known.get(id) ?? [];
      known.set(id, rows);
      states.push(await writeOne(tx, { endpoint, offered, why, rows, accepts: zone.host_key_policy === 'accept' }));
    }
    return states;
  }

  async function writeOne(
    tx: Tx,
    {
      endpoint,
      offered,
      why,
      rows,
      accepts,
    }: { endpoint: Endpoint; offered: OfferedKey; why: Sighting; rows: HostKeyRow[]; accepts: boolean },
  ): Promise<HostKeyRow['state']> {
    const row = rows.find((candidate) => candidate.fingerprint === offered.fingerprint);
    if (row && row.state !== 'pending') return row.state;
    const others = rows.some((candidate) => candidate.state === 'trusted');
    const accept = why === 'accepted' && accepts && !others;
    const next = {
      state: accept ? ('trusted' as const) : ('pending' as const),
      changed: others || why === 'changed',
      decided_by: accept ? 'zone policy' : null,
    };
    if (row && row.state === next.state && Boolean(row.changed) === next.changed) return row.state;
    if (row) {
      Object.assign(row, next);
      await changeKeys(tx, [row.id], next);
    } else {
      await makeRoom(tx, rows);
      const fresh: HostKeyRow = {
        id: uuid(),
        zone_id: endpoint.zoneId,
        address: endpoint.address,
        port: endpoint.port,
        type: offered.type.slice(0, 64),
        key_data: offered.key,
        fingerprint: offered.fingerprint,
        seen_at: clock(),
        ...next,
      };
      rows.push(fresh);
      await insertKeys(tx, [fresh]);
    }
    const { address, port } = endpoint;
    await audit(tx, {
      actor: { kind: 'system', name: 'ssh' },
      action: accept ? 'hostKeys.accepted' : next.changed ? 'hostKeys.changed' : 'hostKeys.seen',
      object: `${address}:${port}`,
      outcome: 'done',
      details: { zone: endpoint.zoneId, address, port, type: offered.type, fingerprint: offered.fingerprint },
    });
    return next.state;
  }

  async function makeRoom(tx: Tx, rows: HostKeyRow[]): Promise<void> {
    const pending = rows.filter((row) => row.state === 'pending');
    const excess = pending.slice(0, Math.max(0, pending.length - maxPendingPerEndpoint + 1));
    if (excess.length === 0) return;
    const ids = new Set(excess.map((row) => row.id));
    await deleteKeys(tx, [...ids]);
    for (let i = rows.length - 1; i >= 0; i--) if (ids.has(rows[i]?.id ?? '')) rows.splice(i, 1);
  }
}
