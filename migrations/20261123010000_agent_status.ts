import type { Knex } from 'knex';
import { id, table, time } from './columns.ts';

/** How agents do, by what they said last; and how far each shell has counted its commands, so that a hole is seen. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('agent_streams', (t) => {
    // JSON of the last heartbeat.
    t.string('status', 500).nullable();
    time(t, 'status_at').nullable();
    t.bigInteger('lag_ms').nullable();
    t.bigInteger('clock_seconds').nullable();
    t.index(['key_id']);
  });
  await table(db, 'agent_sessions', (t) => {
    id(t, 'host_id').notNullable();
    t.bigInteger('uid').notNullable();
    t.string('session', 100).notNullable();
    t.bigInteger('last').notNullable();
    time(t, 'seen_at').notNullable();
    t.primary(['host_id', 'uid', 'session']);
    t.index(['seen_at']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('agent_sessions');
  await db.schema.alterTable('agent_streams', (t) => {
    t.dropIndex(['key_id']);
    for (const name of ['status', 'status_at', 'lag_ms', 'clock_seconds']) t.dropColumn(name);
  });
}
