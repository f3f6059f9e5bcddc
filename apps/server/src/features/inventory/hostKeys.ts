import { type HostKey, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database, Tx } from '../../db/database.ts';
import { iso, pageBy } from '../../db/page.ts';
import { changeKeys, deleteKeys, type HostKeyRow, keyEndpoint, keysAt, keysById } from './hostKeyStore.ts';
import { hostsAt, hostsByName } from './hostStore.ts';
import type { MayUse } from './hosts.ts';
import { lock } from './sql.ts';
import type { CredentialNames, Endpoint } from './types.ts';
import { allZones } from './zoneStore.ts';

/** Who decides, and what they may. */
export interface Decider {
  readonly name: string;
  readonly mayUse: MayUse;
}

/** Throws FORBIDDEN unless the actor may use every credential of the hosts at these endpoints. */
export type CheckUse = (tx: Tx, endpoints: readonly Endpoint[], mayUse: MayUse) => Promise<void>;

export interface HostKeys {
  list(params: {
    state?: HostKeyRow['state'] | undefined;
    host?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: HostKey[]; next?: string }>;
  /** Answers the fingerprints that are now trusted. */
  trust(tx: Tx, ids: readonly string[], fingerprint: string | undefined, by: Decider): Promise<string[]>;
  revoke(tx: Tx, ids: readonly string[], by: Decider): Promise<string[]>;
  remove(tx: Tx, ids: readonly string[], by: Decider): Promise<string[]>;
}

export function createHostKeys({ db, checkUse }: { db: Database; checkUse: CheckUse }): HostKeys {
  return {
    async list({ state, host, ...page }) {
      const query = db.knex('host_keys').select('*');
      if (state !== undefined) query.where({ state });
      if (host !== undefined) {
        const [row] = await hostsByName(db.knex, [host]);
        if (!row) throw new OmError('NOT_FOUND', `There is no server ${host}; see om hosts list.`);
        query.where({ zone_id: row.zone_id, address: row.address, port: row.port });
      }
      const { rows, ...rest } = await pageBy<HostKeyRow & Record<string, unknown>>(query, { key: 'id', ...page });
      return { items: await describe(db.knex, rows), ...rest };
    },

    async trust(tx, ids, fingerprint, by) {
      const rows = (await held(tx, ids)).filter((row) => row.state !== 'trusted');
      const known = await keysAt(tx, rows.map(endpointOf));
      await checkUse(tx, rows.map(endpointOf), by.mayUse);
      refuseRevoked(rows);
      refuseTwoOfOne(rows);
      const all = [...known.values()].flat();
      const replaced: string[] = [];
      for (const row of rows) {
        const trusted = (known.get(keyEndpoint(row)) ?? []).filter((other) => other.state === 'trusted');
        if (trusted.length === 0 && !row.changed) continue;
        if (fingerprint !== row.fingerprint) throw needsFingerprint(row);
        replaced.push(...trusted.filter((other) => other.type === row.type).map((other) => other.id));
      }
      const chosen = new Set(rows.map((row) => row.id));
      const rivals = all.filter((row) => row.state === 'pending' && !chosen.has(row.id) && !row.changed);
      await changeKeys(tx, replaced, { state: 'revoked', decided_by: by.name });
      await changeKeys(tx, [...chosen], { state: 'trusted', changed: false, decided_by: by.name });
      // What else these servers showed is now a different key from the one that is trusted.
      await changeKeys(
        tx,
        rivals.map((row) => row.id),
        { changed: true },
      );
      return rows.map((row) => row.fingerprint);
    },

    async revoke(tx, ids, by) {
      const rows = await held(tx, ids);
      await changeKeys(
        tx,
        rows.map((row) => row.id),
        { state: 'revoked', decided_by: by.name },
      );
      return rows.map((row) => row.fingerprint);
    },

    async remove(tx, ids, by) {
      const rows = await held(tx, ids);
      await checkUse(tx, rows.map(endpointOf), by.mayUse);
      await deleteKeys(
        tx,
        rows.map((row) => row.id),
      );
      return rows.map((row) => row.fingerprint);
    },
  };

  async function held(tx: Tx, ids: readonly string[]): Promise<HostKeyRow[]> {
    await lock(tx, 'host_keys');
    const rows = await keysById(tx, [...new Set(ids)]);
    const found = new Set(rows.map((row) => row.id));
    const missing = ids.find((id) => !found.has(id));
    if (missing) throw new OmError('NOT_FOUND', `There is no host key ${missing} any more; see om hostkeys list.`);
    return rows;
  }
}

/** A host key decides to whom a credential is shown: that needs the right to use it. */
export function createCheckUse(credentials: CredentialNames): CheckUse {
  return async (tx, endpoints, mayUse) => {
    const hosts = [...(await hostsAt(tx, endpoints)).values()].flat();
    const ids = new Set(hosts.map((host) => host.credentialId).filter((id) => id !== null));
    const refs = await credentials.byIds(tx, [...ids]);
    for (const { name, credentialId } of hosts) {
      if (credentialId !== null) mayUse({ host: name, credential: refs.get(credentialId)?.name ?? credentialId });
    }
  };
}

function refuseRevoked(rows: readonly HostKeyRow[]): void {
  const revoked = rows.find((row) => row.state === 'revoked');
  if (!revoked) return;
  const message = `The key ${revoked.fingerprint} of ${placeOf(revoked)} is revoked; if that was a mistake, remove it and let the server show it again.`;
  throw new OmError('CONFLICT', message);
}

function refuseTwoOfOne(rows: readonly HostKeyRow[]): void {
  for (const same of Map.groupBy(rows, keyEndpoint).values()) {
    const [first, second] = same;
    if (!first || !second) continue;
    throw new OmError(
      'CONFLICT',
      `${placeOf(first)} showed two different keys (${first.fingerprint}, ${second.fingerprint}). Find out on the server which is right, and trust that one alone.`,
    );
  }
}

function needsFingerprint(row: HostKeyRow): OmError {
  const message = `${placeOf(row)} shows another key than the one that is trusted. Check its fingerprint on the server itself (ssh-keygen -lf /etc/ssh/ssh_host_${shortType(row.type)}_key.pub) and name it: om hostkeys trust ${row.id} --fingerprint SHA256:…`;
  return new OmError('CONFLICT', message, { id: row.id });
}

function shortType(type: string): string {
  return type.startsWith('ecdsa') ? 'ecdsa' : type.replace(/^ssh-/, '');
}

function placeOf(row: HostKeyRow): string {
  return row.port === 22 ? row.address : `${row.address} port ${row.port}`;
}

function endpointOf(row: HostKeyRow): Endpoint {
  return { zoneId: row.zone_id, address: row.address, port: row.port };
}

async function describe(on: Knex, rows: readonly HostKeyRow[]): Promise<HostKey[]> {
  const zones = new Map((await allZones(on)).map((zone) => [zone.id, zone.name]));
  const hosts = await hostsAt(on, rows.map(endpointOf));
  return rows.map((row) => ({
    id: row.id,
    zone: zones.get(row.zone_id) ?? '',
    address: row.address,
    port: row.port,
    type: row.type,
    key: row.key_data,
    fingerprint: row.fingerprint,
    state: row.state,
    changed: Boolean(row.changed),
    hosts: (hosts.get(keyEndpoint(row)) ?? []).map((host) => host.name),
    seenAt: iso(row.seen_at),
    decidedBy: row.decided_by,
  }));
}
