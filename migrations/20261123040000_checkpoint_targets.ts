import type { Knex } from 'knex';
import { table, time } from './columns.ts';

/** How far each place outside the database has got with checkpoints of the ledger. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'checkpoint_targets', (t) => {
    t.string('kind', 20).primary();
    t.string('place', 500).notNullable();
    t.bigInteger('sent_block').nullable();
    time(t, 'sent_at').nullable();
    t.integer('behind').notNullable();
    t.string('failure', 20).nullable();
    t.string('failure_detail', 60).nullable();
    time(t, 'failing_since').nullable();
    time(t, 'failed_at').nullable();
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('checkpoint_targets');
}
