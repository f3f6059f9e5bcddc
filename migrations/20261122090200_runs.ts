import type { Knex } from 'knex';
import { bytes, id, json, table, time } from './columns.ts';

/** Columns that a host run and each of its earlier attempts share. */
function hostRunColumns(t: Knex.CreateTableBuilder): void {
  id(t, 'run_id').notNullable();
  t.integer('ordinal').notNullable();
  t.integer('attempt').notNullable();
  id(t, 'host_id').notNullable();
  t.string('name', 200).notNullable();
  t.string('environment', 50).notNullable();
  t.string('state', 20).notNullable();
  t.string('reason', 30).nullable();
  t.text('message').nullable();
  t.integer('exit_code').nullable();
  time(t, 'started_at').nullable();
  time(t, 'ended_at').nullable();
  t.bigInteger('stdout_bytes').notNullable().defaultTo(0);
  t.bigInteger('stderr_bytes').notNullable().defaultTo(0);
  t.bigInteger('discarded_bytes').notNullable().defaultTo(0);
  t.string('fold', 64).nullable();
  json(t, 'survivors').nullable();
  t.bigInteger('revision').notNullable();
}

export async function up(db: Knex): Promise<void> {
  await table(db, 'module_versions', (t) => {
    t.string('digest', 64).primary();
    t.string('module_id', 100).notNullable();
    t.string('version', 40).notNullable();
    t.string('source', 20).notNullable();
    json(t, 'manifest').notNullable();
    time(t, 'created_at').notNullable();
    t.index(['module_id', 'version']);
  });
  await table(db, 'plans', (t) => {
    id(t, 'id').primary();
    t.string('digest', 64).notNullable();
    t.string('module_digest', 64).notNullable().references('module_versions.digest');
    t.text('selector').notNullable();
    json(t, 'params').notNullable();
    bytes(t, db, 'input_sealed').notNullable();
    json(t, 'script').notNullable();
    t.string('run_as', 64).nullable();
    t.integer('parallel').notNullable();
    t.bigInteger('timeout_ms').notNullable();
    t.integer('total').notNullable();
    json(t, 'summary').notNullable();
    id(t, 'created_by').notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'expires_at').notNullable();
    t.index(['module_digest']);
    t.index(['expires_at']);
  });
  await table(db, 'plan_hosts', (t) => {
    id(t, 'plan_id').notNullable();
    t.integer('ordinal').notNullable();
    id(t, 'host_id').notNullable();
    t.string('name', 200).notNullable();
    t.string('address', 255).notNullable();
    t.integer('port').notNullable();
    t.string('user_name', 64).notNullable();
    id(t, 'zone_id').notNullable();
    t.string('zone', 100).notNullable();
    t.string('environment', 50).notNullable();
    json(t, 'route').notNullable();
    id(t, 'credential_id').nullable();
    t.string('credential', 120).nullable();
    t.string('host_key', 100).nullable();
    t.primary(['plan_id', 'ordinal']);
  });
  await table(db, 'runs', (t) => {
    id(t, 'id').primary();
    id(t, 'plan_id').notNullable().references('plans.id');
    t.bigInteger('revision').notNullable();
    t.string('state', 20).notNullable();
    t.string('control', 20).notNullable();
    t.integer('attempt').notNullable();
    t.integer('parallel').notNullable();
    t.integer('total').notNullable();
    json(t, 'counts').notNullable();
    t.string('module_id', 100).notNullable();
    t.string('started_by', 100).notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'started_at').nullable();
    time(t, 'ended_at').nullable();
    t.index(['plan_id']);
    t.index(['state', 'id']);
    t.index(['module_id', 'id']);
  });
  await table(db, 'run_hosts', (t) => {
    hostRunColumns(t);
    id(t, 'lease_owner').nullable();
    time(t, 'lease_until').nullable();
    t.primary(['run_id', 'ordinal']);
    t.index(['run_id', 'revision']);
    t.index(['run_id', 'state', 'ordinal']);
    t.index(['lease_until']);
  });
  await table(db, 'run_attempts', (t) => {
    hostRunColumns(t);
    t.primary(['run_id', 'ordinal', 'attempt']);
  });
  await table(db, 'run_output', (t) => {
    id(t, 'run_id').notNullable();
    t.integer('ordinal').notNullable();
    t.integer('attempt').notNullable();
    t.integer('seq').notNullable();
    t.string('stream', 6).notNullable();
    t.string('codec', 8).notNullable();
    time(t, 'at').notNullable();
    bytes(t, db, 'data').notNullable();
    t.primary(['run_id', 'ordinal', 'attempt', 'seq']);
  });
}

export async function down(db: Knex): Promise<void> {
  const names = ['run_output', 'run_attempts', 'run_hosts', 'runs', 'plan_hosts', 'plans', 'module_versions'];
  for (const name of names) await db.schema.dropTable(name);
}
