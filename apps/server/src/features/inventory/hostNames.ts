import type { Database } from '../../db/database.ts';
import { hostsById, hostsByName } from './hostStore.ts';

/** Names and ids of servers, for who writes down what happens on them. */
export interface HostNames {
  nameOf(id: string): Promise<string | undefined>;
  idOf(name: string): Promise<string | undefined>;
  /** Undefined when none or several have this address. */
  atAddress(address: string): Promise<{ id: string; name: string } | undefined>;
}

export function createHostNames({ knex }: Database): HostNames {
  return {
    nameOf: async (id) => (await hostsById(knex, [id]))[0]?.name,
    idOf: async (name) => (await hostsByName(knex, [name]))[0]?.id,
    async atAddress(address) {
      const rows: { id: string; name: string }[] = await knex('hosts').where({ address }).limit(2).select('id', 'name');
      return rows.length === 1 ? rows[0] : undefined;
    },
  };
}
