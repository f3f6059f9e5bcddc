import type { Knex } from 'knex';
import { table, time } from './columns.ts';

/** How many commands each hour saw, so that charts need not count them; and what timelines are read by. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'command_activity', (t) => {
    t.string('scope', 10).notNullable();
    t.string('name', 100).notNullable();
    time(t, 'at').notNullable();
    t.integer('inside').notNullable();
    t.integer('outside').notNullable();
    t.primary(['scope', 'name', 'at']);
    t.index(['scope', 'at'], 'command_activity_time');
  });
  await db.schema.alterTable('recordings', (t) => {
    t.index(['host_id', 'started_at', 'id'], 'recordings_host');
    t.index(['user_name', 'started_at', 'id'], 'recordings_user');
  });
  await db.schema.alterTable('alerts', (t) => {
    t.index(['host_id', 'raised_at', 'id'], 'alerts_of_host');
    t.index(['user_name', 'raised_at', 'id'], 'alerts_of_user');
  });
  await db.schema.alterTable('action_events', (t) => {
    t.index(['object', 'id'], 'action_events_object');
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('action_events', (t) => t.dropIndex([], 'action_events_object'));
  await db.schema.alterTable('alerts', (t) => {
    t.dropIndex([], 'alerts_of_host');
    t.dropIndex([], 'alerts_of_user');
  });
  await db.schema.alterTable('recordings', (t) => {
    t.dropIndex([], 'recordings_host');
    t.dropIndex([], 'recordings_user');
  });
  await db.schema.dropTable('command_activity');
}
