import type { Knex } from 'knex';
import { id, table, time } from './columns.ts';

/** What a chunk costs beside its data, as features/runs/output/output.ts counts it. */
const rowBytes = 128;

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('runs', (t) => {
    // As the hosts wrote it, over all attempts: what the cap of a run is about.
    t.bigInteger('output_bytes').notNullable().defaultTo(0);
    // As it lies in the database, compressed: what retention by size is about.
    t.bigInteger('output_stored').notNullable().defaultTo(0);
    time(t, 'output_removed_at').nullable();
    t.bigInteger('output_removed_revision').nullable();
    t.index(['ended_at']);
  });
  for (const name of ['run_hosts', 'run_attempts']) {
    await db.schema.alterTable(name, (t) => {
      t.string('discarded_for', 10).nullable();
    });
  }
  const sum = (what: string) => db.raw(`coalesce((select sum(${what}) from run_output where run_id = runs.id), 0)`);
  await db('runs').update({ output_bytes: sum('size'), output_stored: sum(`length(data) + ${rowBytes}`) });
  // Runs, or outputs of runs, that were removed and whose rows are still to be deleted.
  await table(db, 'run_removals', (t) => {
    id(t, 'run_id').primary();
    t.string('kind', 10).notNullable();
    id(t, 'plan_id').notNullable();
    t.bigInteger('revision').notNullable();
    time(t, 'at').notNullable();
  });
  await table(db, 'leases', (t) => {
    t.string('name', 100).primary();
    id(t, 'owner').notNullable();
    time(t, 'until_at').notNullable();
  });
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['leases', 'run_removals']) await db.schema.dropTable(name);
  for (const name of ['run_hosts', 'run_attempts']) {
    await db.schema.alterTable(name, (t) => t.dropColumn('discarded_for'));
  }
  await db.schema.alterTable('runs', (t) => {
    t.dropIndex(['ended_at']);
    t.dropColumns('output_bytes', 'output_stored', 'output_removed_at', 'output_removed_revision');
  });
}
