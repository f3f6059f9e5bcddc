import type { Knex } from 'knex';
import { id, table, time } from './columns.ts';

/** Workers in other zones, and the zones that only they reach. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'workers', (t) => {
    id(t, 'id').primary();
    t.string('name', 100).notNullable();
    id(t, 'zone_id').notNullable();
    t.string('public_key', 43).notNullable().unique();
    t.string('added_by', 100).notNullable();
    time(t, 'added_at').notNullable();
    time(t, 'revoked_at').nullable();
    time(t, 'last_seen_at').nullable();
    t.string('version', 40).nullable();
    t.string('address', 100).nullable();
    t.index(['zone_id']);
  });
  await db.schema.alterTable('zones', (t) => {
    t.string('reach', 10).notNullable().defaultTo('server');
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('workers');
  await db.schema.alterTable('zones', (t) => {
    t.dropColumn('reach');
  });
}
