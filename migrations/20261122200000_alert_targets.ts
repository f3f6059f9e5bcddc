import type { Knex } from 'knex';
import { bytes, id, table, time } from './columns.ts';

/** Where alerts are sent to, and those that still have to be. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'alert_targets', (t) => {
    id(t, 'id').primary();
    t.string('name', 100).notNullable().unique('alert_targets_name');
    t.string('kind', 12).notNullable();
    t.boolean('enabled').notNullable();
    t.string('least', 12).notNullable();
    t.boolean('with_command').notNullable();
    t.string('origin', 300).notNullable();
    t.boolean('has_secret').notNullable();
    bytes(t, db, 'sealed').notNullable();
    time(t, 'last_at').nullable();
    t.string('last_error', 200).nullable();
    t.integer('given_up').notNullable();
    t.string('changed_by', 100).notNullable();
    time(t, 'changed_at').notNullable();
  });
  await table(db, 'alert_outbox', (t) => {
    id(t, 'target_id').notNullable();
    id(t, 'alert_id').notNullable();
    t.integer('attempts').notNullable();
    time(t, 'next_at').notNullable();
    t.primary(['target_id', 'alert_id']);
    t.index(['next_at'], 'alert_outbox_next');
  });
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['alert_outbox', 'alert_targets']) await db.schema.dropTable(name);
}
