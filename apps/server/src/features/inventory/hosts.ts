import { type Host, type HostDraft, OmError, parseSelector } from '@omanager/contract';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../db/database.ts';
import { iso } from '../../db/page.ts';
import { countHosts, groupsOfHosts, type HostRow, hostsByName, pageOfHosts } from './hostStore.ts';
import { credentialsAtStake, type HostWrite, sortedLabels, writeHosts } from './hostWriter.ts';
import { selectorSql } from './selectorSql.ts';
import { lock } from './sql.ts';
import type { CredentialNames } from './types.ts';
import { allZones } from './zoneStore.ts';

/** Throws FORBIDDEN unless the actor may use this credential (on this host, or at all). */
export type MayUse = (use: { host?: string; credential: string }) => void;

export interface Hosts {
  list(params: {
    selector?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: Host[]; next?: string }>;
  count(
    selector: string,
  ): Promise<{ total: number; environments: Record<string, number>; zones: Record<string, number> }>;
  get(name: string, on?: Knex): Promise<Host>;
  add(tx: Tx, draft: HostDraft, mayUse: MayUse): Promise<Host>;
  update(tx: Tx, name: string, changes: Partial<HostDraft>, mayUse: MayUse): Promise<Host>;
  remove(tx: Tx, names: readonly string[]): Promise<number>;
  /** Rows as the contract shows them, in their order. */
  describe(on: Knex, rows: readonly HostRow[]): Promise<Host[]>;
}

export function createHosts({
  db,
  credentials,
  clock,
}: {
  db: Database;
  credentials: CredentialNames;
  clock: () => number;
}): Hosts {
  return {
    async list({ selector, ...page }) {
      const where = selector === undefined ? undefined : selectorSql(parseSelector(selector), db.kind);
      const { rows, ...rest } = await pageOfHosts(db.knex, { where, ...page });
      return { items: await describe(db.knex, rows), ...rest };
    },

    async count(selector) {
      const counts = await countHosts(db.knex, selectorSql(parseSelector(selector), db.kind));
      const zoneName = new Map((await allZones(db.knex)).map((zone) => [zone.id, zone.name]));
      return {
        total: counts.reduce((sum, { hosts }) => sum + hosts, 0),
        environments: tally(counts.map(({ environment, hosts }) => [environment, hosts])),
        zones: tally(counts.map(({ zoneId, hosts }) => [zoneName.get(zoneId) ?? zoneId, hosts])),
      };
    },

    get: (name, on = db.knex) => get(on, name),
    describe,

    async add(tx, draft, mayUse) {
      await lock(tx, 'inventory');
      for (const credential of credentialsAtStake(null, draft)) mayUse({ host: draft.name, credential });
      if ((await hostsByName(tx, [draft.name])).length > 0) throw nameTaken(draft.name);
      const now = clock();
      const write = { id: uuid(), createdAt: now, draft };
      await writeHosts(tx, { added: [write], changed: [], removed: [] }, { credentials, now });
      return get(tx, draft.name);
    },

    async update(tx, name, changes, mayUse) {
      await lock(tx, 'inventory');
      const host = await get(tx, name);
      const before = draftOf(host);
      const after = { ...before, ...changes };
      for (const credential of credentialsAtStake(before, after)) mayUse({ host: name, credential });
      if (after.name !== name && (await hostsByName(tx, [after.name])).length > 0) throw nameTaken(after.name);
      const write: HostWrite = { id: host.id, createdAt: Date.parse(host.createdAt), draft: after };
      await writeHosts(tx, { added: [], changed: [write], removed: [] }, { credentials, now: clock() });
      return get(tx, after.name);
    },

    async remove(tx, names) {
      await lock(tx, 'inventory');
      const rows = await hostsByName(tx, [...new Set(names)]);
      const found = new Set(rows.map((row) => row.name));
      const missing = names.filter((name) => !found.has(name));
      if (missing.length > 0) throw noHost(missing.slice(0, 10).join(', '));
      await writeHosts(tx, { added: [], changed: [], removed: rows }, { credentials, now: clock() });
      return rows.length;
    },
  };

  async function get(on: Knex, name: string): Promise<Host> {
    const [host] = await describe(on, await hostsByName(on, [name]));
    if (!host) throw noHost(name);
    return host;
  }

  async function describe(on: Knex, rows: readonly HostRow[]): Promise<Host[]> {
    if (rows.length === 0) return [];
    const zones = new Map((await allZones(on)).map((zone) => [zone.id, zone.name]));
    const ids = new Set(rows.map((row) => row.credential_id).filter((id) => id !== null));
    const refs = await credentials.byIds(on, [...ids]);
    const groups = await groupsOfHosts(
      on,
      rows.map((row) => row.id),
    );
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      address: row.address,
      port: row.port,
      user: row.user_name,
      credential: row.credential_id === null ? null : (refs.get(row.credential_id)?.name ?? null),
      zone: zones.get(row.zone_id) ?? '',
      environment: row.environment,
      labels: JSON.parse(row.labels),
      groups: groups.get(row.id) ?? [],
      createdAt: iso(row.created_at),
      updatedAt: iso(row.updated_at),
    }));
  }
}

/** The part of a host that people write, in one order, so that two can be compared. */
export function draftOf(host: HostDraft): HostDraft {
  return {
    name: host.name,
    address: host.address,
    port: host.port,
    user: host.user,
    credential: host.credential,
    zone: host.zone,
    environment: host.environment,
    labels: sortedLabels(host.labels),
    groups: [...new Set(host.groups)].sort(),
  };
}

function tally(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const [key, value] of entries) counts.set(key, (counts.get(key) ?? 0) + value);
  return Object.fromEntries(counts);
}

function noHost(names: string): OmError {
  return new OmError('NOT_FOUND', `There is no server ${names}; see om hosts list.`);
}

function nameTaken(name: string): OmError {
  return new OmError('CONFLICT', `There is already a server ${name}; choose another name or change that one.`);
}
