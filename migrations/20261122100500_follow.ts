import type { Knex } from 'knex';

/** In which order the chunks of a run arrived, over all its hosts; how many lines a filter dropped. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('run_output', (t) => {
    t.bigInteger('arrival').notNullable().defaultTo(0);
    t.index(['run_id', 'arrival']);
  });
  for (const name of ['run_hosts', 'run_attempts']) {
    await db.schema.alterTable(name, (t) => {
      t.bigInteger('filtered_lines').notNullable().defaultTo(0);
    });
  }
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['run_hosts', 'run_attempts']) {
    await db.schema.alterTable(name, (t) => {
      t.dropColumn('filtered_lines');
    });
  }
  await db.schema.alterTable('run_output', (t) => {
    t.dropIndex(['run_id', 'arrival']);
    t.dropColumn('arrival');
  });
}
