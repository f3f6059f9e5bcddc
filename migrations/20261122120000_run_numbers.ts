import type { Knex } from 'knex';
import { table } from './columns.ts';

const runsAtOnce = 500;

/** Short numbers for runs, counted by one row; what ran on one host, newest first. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('runs', (t) => {
    t.integer('number').nullable().unique();
  });
  await db.schema.alterTable('run_hosts', (t) => {
    t.index(['host_id', 'run_id']);
  });
  await table(db, 'run_numbers', (t) => {
    t.integer('only').primary();
    t.integer('last').notNullable();
  });
  await db('run_numbers').insert({ only: 1, last: await numberStored(db) });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('run_numbers');
  await db.schema.alterTable('run_hosts', (t) => {
    t.dropIndex(['host_id', 'run_id']);
  });
  await db.schema.alterTable('runs', (t) => {
    t.dropUnique(['number']);
    t.dropColumn('number');
  });
}

/** Numbers the runs that are there by the time of their start. Ids follow time, and are unique. */
async function numberStored(db: Knex): Promise<number> {
  let number = 0;
  for (let after = ''; ; ) {
    const runs: { id: string }[] = await db('runs')
      .where('id', '>', after)
      .orderBy('id')
      .limit(runsAtOnce)
      .select('id');
    for (const { id } of runs) {
      number++;
      await db('runs').where({ id }).update({ number });
      after = id;
    }
    if (runs.length < runsAtOnce) return number;
  }
}
