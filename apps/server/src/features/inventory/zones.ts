import { OmError, type Zone, type ZoneDraft } from '@omanager/contract';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../db/database.ts';
import { type HostRow, hostsById, hostsByName } from './hostStore.ts';
import type { MayUse } from './hosts.ts';
import { checkAllRoutes } from './hostWriter.ts';
import { lock } from './sql.ts';
import type { CredentialNames } from './types.ts';
import {
  allZones,
  credentialsOfZone,
  deleteZone,
  hostsPerZone,
  insertZone,
  setJumpHosts,
  updateZone,
  type ZoneWithJumps,
} from './zoneStore.ts';

const defaultZone = 'default';

export interface ZoneRights {
  readonly mayUse: MayUse;
  /** Throws FORBIDDEN unless the actor may trust host keys. */
  readonly mayTrust: () => void;
}

export interface Zones {
  list(): Promise<{ items: Zone[] }>;
  save(tx: Tx, draft: ZoneDraft, rights: ZoneRights): Promise<{ before: Zone | null; after: Zone }>;
  remove(tx: Tx, name: string): Promise<void>;
  /** Zones whose servers only zone workers reach, by id. */
  reachedByWorkers(on: Knex): Promise<string[]>;
  /** How many hosts may be busy at once, for zones that have such a limit. */
  limits(on: Knex): Promise<Record<string, number>>;
  byName(on: Knex, name: string): Promise<{ id: string; name: string } | undefined>;
  namesById(on: Knex): Promise<ReadonlyMap<string, string>>;
  /** Makes the zone that hosts belong to when none is named. */
  ensureDefault(): Promise<void>;
}

export function createZones({
  db,
  credentials,
  clock,
}: {
  db: Database;
  credentials: CredentialNames;
  clock: () => number;
}): Zones {
  return {
    async list() {
      return { items: await describe(db.knex, await allZones(db.knex)) };
    },

    async save(tx, draft, rights) {
      await lock(tx, 'inventory');
      const before = (await allZones(tx)).find((zone) => zone.name === draft.name);
      const [shownBefore = null] = before ? await describe(tx, [before]) : [];
      const jumpHosts = await jumpHostsOf(tx, draft);
      await checkRights(tx, { before, draft, jumpHosts, rights });
      const id = before?.id ?? uuid();
      const columns = {
        title: draft.title,
        host_key_policy: draft.hostKeyPolicy,
        reach: draft.reach,
        parallel: draft.parallel,
      };
      if (before) await updateZone(tx, id, columns);
      else await insertZone(tx, { id, name: draft.name, ...columns, created_at: clock() });
      await setJumpHosts(
        tx,
        id,
        jumpHosts.map((host) => host.id),
      );
      await checkAllRoutes(tx);
      return { before: shownBefore, after: zoneOf(await describe(tx, await allZones(tx)), draft.name) };
    },

    async remove(tx, name) {
      await lock(tx, 'inventory');
      await lock(tx, 'host_keys');
      const zone = zoneOf(await describe(tx, await allZones(tx)), name);
      if (name === defaultZone) throw new OmError('CONFLICT', 'The zone default stays: hosts without a zone go there.');
      if (zone.hosts > 0)
        throw new OmError('CONFLICT', `Zone ${name} still has ${zone.hosts} servers; move or remove them first.`);
      await deleteZone(tx, zone.id);
    },

    async reachedByWorkers(on) {
      return (await allZones(on)).filter(({ reach }) => reach === 'worker').map(({ id }) => id);
    },
    async limits(on) {
      const limited = (await allZones(on)).flatMap(({ id, parallel }) => (parallel === null ? [] : [[id, parallel]]));
      return Object.fromEntries(limited);
    },
    async byName(on, name) {
      return (await allZones(on)).find((zone) => zone.name === name);
    },
    async namesById(on) {
      return new Map((await allZones(on)).map(({ id, name }) => [id, name]));
    },

    async ensureDefault() {
      await db.transaction(async (tx) => {
        await lock(tx, 'inventory');
        if ((await allZones(tx)).some((zone) => zone.name === defaultZone)) return;
        await insertZone(tx, {
          id: uuid(),
          name: defaultZone,
          title: '',
          host_key_policy: 'ask',
          reach: 'server',
          parallel: null,
          created_at: clock(),
        });
      });
    },
  };

  async function jumpHostsOf(tx: Tx, draft: ZoneDraft): Promise<HostRow[]> {
    const rows = new Map((await hostsByName(tx, draft.jumpHosts)).map((row) => [row.name, row]));
    return draft.jumpHosts.map((name) => {
      const row = rows.get(name);
      if (!row)
        throw new OmError('NOT_FOUND', `There is no server ${name}; add the jump host first: om hosts add ${name}.`);
      return row;
    });
  }

  /** A new way in sends the credentials of the zone and of its jump hosts over it, or to its workers. */
  async function checkRights(
    tx: Tx,
    {
      before,
      draft,
      jumpHosts,
      rights,
    }: { before: ZoneWithJumps | undefined; draft: ZoneDraft; jumpHosts: readonly HostRow[]; rights: ZoneRights },
  ): Promise<void> {
    if (draft.hostKeyPolicy === 'accept' && before?.host_key_policy !== 'accept') rights.mayTrust();
    const after = jumpHosts.map((host) => host.id).join();
    const sameWay = after === (before?.jumpHostIds.join() ?? '') && draft.reach === (before?.reach ?? 'server');
    if (sameWay) return;
    const inZone = before ? await credentialsOfZone(tx, before.id) : [];
    const ofJumps = jumpHosts.map((host) => host.credential_id).filter((id) => id !== null);
    const refs = await credentials.byIds(tx, [...new Set([...inZone, ...ofJumps])]);
    for (const id of inZone) rights.mayUse({ credential: refs.get(id)?.name ?? id });
    for (const { name, credential_id: id } of jumpHosts) {
      if (id !== null) rights.mayUse({ host: name, credential: refs.get(id)?.name ?? id });
    }
  }
}

async function describe(on: Knex, zones: readonly ZoneWithJumps[]): Promise<Zone[]> {
  const counts = await hostsPerZone(on);
  const jumps = await hostsById(on, [...new Set(zones.flatMap((zone) => zone.jumpHostIds))]);
  const nameOf = new Map(jumps.map((row) => [row.id, row.name]));
  return zones.map((zone) => ({
    id: zone.id,
    name: zone.name,
    title: zone.title,
    jumpHosts: zone.jumpHostIds.flatMap((id) => nameOf.get(id) ?? []),
    hostKeyPolicy: zone.host_key_policy,
    reach: zone.reach,
    parallel: zone.parallel,
    hosts: counts.get(zone.id) ?? 0,
  }));
}

function zoneOf(zones: readonly Zone[], name: string): Zone {
  const zone = zones.find((candidate) => candidate.name === name);
  if (!zone) throw new OmError('NOT_FOUND', `There is no zone ${name}; see om zones list.`);
  return zone;
}
