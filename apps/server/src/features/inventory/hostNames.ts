import type { SelectableHost } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import { groupsOfHosts, hostsById, hostsByName } from './hostStore.ts';
import { allZones } from './zoneStore.ts';

/** Names and ids of servers, for who writes down what happens on them. */
export interface HostNames {
  nameOf(id: string): Promise<string | undefined>;
  idOf(name: string): Promise<string | undefined>;
  /** As a selector sees them; those that the registry does not know are left out. */
  describe(ids: readonly string[]): Promise<Map<string, SelectableHost>>;
  /** Undefined when none or several have this address. */
  atAddress(address: string): Promise<{ id: string; name: string } | undefined>;
}

export function createHostNames({ knex }: Database): HostNames {
  return {
    nameOf: async (id) => (await hostsById(knex, [id]))[0]?.name,
    idOf: async (name) => (await hostsByName(knex, [name]))[0]?.id,
    async describe(ids) {
      if (ids.length === 0) return new Map();
      const groups = await groupsOfHosts(knex, ids);
      const zones = new Map((await allZones(knex)).map(({ id, name }) => [id, name]));
      return new Map(
        (await hostsById(knex, ids)).map(({ id, name, environment, labels, zone_id }) => [
          id,
          {
            ...{ name, environment, labels: JSON.parse(labels) },
            ...{ groups: groups.get(id) ?? [], zone: zones.get(zone_id) ?? '' },
          },
        ]),
      );
    },
    async atAddress(address) {
      const rows: { id: string; name: string }[] = await knex('hosts').where({ address }).limit(2).select('id', 'name');
      return rows.length === 1 ? rows[0] : undefined;
    },
  };
}
