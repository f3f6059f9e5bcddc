import type { Knex } from 'knex';
import { id, json, table, time } from './columns.ts';

/** Rules on commands, what they found, and batches of commands that they have still to look at. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'alert_rules', (t) => {
    id(t, 'id').primary();
    t.string('name', 100).notNullable().unique('alert_rules_name');
    t.boolean('enabled').notNullable();
    json(t, 'document').notNullable();
    t.string('changed_by', 100).notNullable();
    time(t, 'changed_at').notNullable();
  });
  await table(db, 'alert_queue', (t) => {
    id(t, 'batch_id').primary();
  });
  await table(db, 'alerts', (t) => {
    id(t, 'id').primary();
    id(t, 'rule_id').notNullable();
    t.string('rule_name', 100).notNullable();
    t.string('severity', 12).notNullable();
    time(t, 'raised_at').notNullable();
    id(t, 'host_id').nullable();
    t.string('host_name', 100).notNullable();
    t.string('user_name', 100).notNullable();
    id(t, 'event_id').notNullable();
    id(t, 'last_event_id').notNullable();
    time(t, 'last_at').notNullable();
    t.integer('count').notNullable();
    time(t, 'acknowledged_at').nullable();
    t.string('acknowledged_by', 100).nullable();
    t.string('note', 500).notNullable();
    t.integer('version').notNullable();
    time(t, 'changed_at').notNullable();
    t.unique(['rule_id', 'event_id'], { indexName: 'alerts_rule_event' });
    t.index(['rule_id', 'host_name', 'user_name', 'raised_at'], 'alerts_cooldown');
    t.index(['changed_at', 'id'], 'alerts_changed');
    t.index(['host_id', 'id'], 'alerts_host');
  });
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['alerts', 'alert_queue', 'alert_rules']) await db.schema.dropTable(name);
}
