import type { Knex } from 'knex';

/** Targets that are reached by e-mail: sender, receivers and the user to sign in as, as JSON. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('alert_targets', (t) => {
    t.text('email').nullable();
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('alert_targets', (t) => {
    t.dropColumn('email');
  });
}
