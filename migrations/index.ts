import type { Knex } from 'knex';
import * as access from './20261122090000_access.ts';
import * as vaultInventory from './20261122090100_vault_inventory.ts';
import * as runs from './20261122090200_runs.ts';

/** The timeline. Names have no extension and never change: they are stored in the database. */
const migrations: Record<string, Knex.Migration> = {
  '20261122090000_access': access,
  '20261122090100_vault_inventory': vaultInventory,
  '20261122090200_runs': runs,
};

export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(migrations).sort(),
  getMigrationName: (name) => name,
  getMigration: async (name) => {
    const migration = migrations[name];
    if (!migration) throw new Error(`there is no migration ${name}`);
    return migration;
  },
};
