import type { Knex } from 'knex';
import { id, json, table, time } from './columns.ts';

/** Waves, controls, probes and what came too late. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('runs', (t) => {
    json(t, 'rollout').nullable();
    json(t, 'progress').nullable();
    t.integer('busy').notNullable().defaultTo(0);
    t.integer('grace_ms').notNullable().defaultTo(10_000);
    t.boolean('forced').notNullable().defaultTo(false);
    t.text('stop_reason').nullable();
    t.text('reason').nullable();
  });
  await db.schema.alterTable('run_hosts', (t) => {
    id(t, 'zone_id').notNullable().defaultTo('');
    id(t, 'worker').nullable();
    time(t, 'probe_at').nullable();
    t.string('probe_ask', 4).nullable();
    t.index(['probe_at']);
  });
  await db.schema.alterTable('run_attempts', (t) => {
    id(t, 'worker').nullable();
  });
  await db.schema.alterTable('zones', (t) => {
    t.integer('parallel').nullable();
  });
  await db.raw(`update run_hosts set zone_id = coalesce((select plan_hosts.zone_id from plan_hosts
    join runs on runs.plan_id = plan_hosts.plan_id
    where runs.id = run_hosts.run_id and plan_hosts.ordinal = run_hosts.ordinal), '')`);
  await table(db, 'run_late_results', (t) => {
    id(t, 'run_id').notNullable();
    t.integer('ordinal').notNullable();
    t.integer('attempt').notNullable();
    id(t, 'worker').notNullable();
    time(t, 'at').notNullable();
    t.string('state', 20).notNullable();
    t.integer('exit_code').nullable();
    t.text('message').nullable();
    t.primary(['run_id', 'ordinal', 'attempt', 'worker']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('zones', (t) => {
    t.dropColumn('parallel');
  });
  await db.schema.dropTable('run_late_results');
  await db.schema.alterTable('run_attempts', (t) => {
    t.dropColumn('worker');
  });
  await db.schema.alterTable('run_hosts', (t) => {
    t.dropIndex(['probe_at']);
    t.dropColumns('zone_id', 'worker', 'probe_at', 'probe_ask');
  });
  await db.schema.alterTable('runs', (t) => {
    t.dropColumns('rollout', 'progress', 'busy', 'grace_ms', 'forced', 'stop_reason', 'reason');
  });
}
