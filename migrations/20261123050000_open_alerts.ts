import type { Knex } from 'knex';

/** Alerts that nobody has acknowledged are counted for everybody who is signed in. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('alerts', (t) => t.index(['acknowledged_at', 'id'], 'alerts_open'));
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('alerts', (t) => t.dropIndex(['acknowledged_at', 'id'], 'alerts_open'));
}
