import type { Knex } from 'knex';
import { json, table, time } from './columns.ts';

/** Modules that are made in the client: what is offered, every saved version, and drafts for a try on one server. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'ui_modules', (t) => {
    t.string('module_id', 100).primary();
    t.integer('legacy_id').nullable().unique();
    t.string('version', 40).notNullable();
    t.string('digest', 64).notNullable();
    t.integer('saved').notNullable();
    t.string('retired_by', 100).nullable();
    time(t, 'retired_at').nullable();
  });
  await table(db, 'ui_module_versions', (t) => {
    t.string('module_id', 100).notNullable();
    t.integer('ordinal').notNullable();
    t.string('version', 40).notNullable();
    t.string('digest', 64).notNullable().unique();
    json(t, 'manifest').notNullable();
    t.text('comment').notNullable();
    t.string('author', 100).notNullable();
    time(t, 'saved_at').notNullable();
    t.primary(['module_id', 'ordinal']);
    t.unique(['module_id', 'version']);
  });
  await table(db, 'ui_module_drafts', (t) => {
    t.string('digest', 64).primary();
    json(t, 'manifest').notNullable();
    t.string('author', 100).notNullable();
    time(t, 'kept_at').notNullable();
    t.index(['kept_at']);
  });
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['ui_module_drafts', 'ui_module_versions', 'ui_modules']) await db.schema.dropTable(name);
}
