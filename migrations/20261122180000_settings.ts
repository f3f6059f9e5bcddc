import type { Knex } from 'knex';
import { id, json, table, time } from './columns.ts';

/** What people set for themselves, and servers kept under a name. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'user_settings', (t) => {
    id(t, 'user_id').primary();
    json(t, 'document').notNullable();
    time(t, 'saved_at').notNullable();
  });
  await table(db, 'server_sets', (t) => {
    t.string('name', 60).primary();
    json(t, 'selector').notNullable();
    t.string('saved_by', 100).notNullable();
    time(t, 'saved_at').notNullable();
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('server_sets');
  await db.schema.dropTable('user_settings');
}
