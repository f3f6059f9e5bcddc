import type { Knex } from 'knex';
import { bytes, id, table, time } from './columns.ts';

/** Keys that agents sign with: each belongs to one host, its secret sealed. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'agent_keys', (t) => {
    id(t, 'id').primary();
    id(t, 'host_id').notNullable();
    bytes(t, db, 'key_sealed').notNullable();
    time(t, 'made_at').notNullable();
    time(t, 'first_seen_at').nullable();
    time(t, 'last_seen_at').nullable();
    time(t, 'revoked_at').nullable();
    t.string('revoked_for', 20).nullable();
    t.index(['host_id', 'revoked_at']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('agent_keys');
}
