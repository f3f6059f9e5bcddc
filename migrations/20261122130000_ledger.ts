import type { Knex } from 'knex';
import { bytes, table, time } from './columns.ts';

/** The ledger: blocks that vouch for events, the key that signs them, and where in it each event stands. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'ledger_keys', (t) => {
    t.string('key_id', 16).primary();
    t.binary('public_key', 32).notNullable();
    bytes(t, db, 'secret_sealed').notNullable();
    time(t, 'made_at').notNullable();
  });
  await table(db, 'ledger_blocks', (t) => {
    t.bigInteger('number').primary();
    t.string('kind', 20).notNullable();
    t.binary('previous', 32).notNullable();
    t.binary('root', 32).notNullable();
    t.integer('events').notNullable();
    time(t, 'sealed_at').notNullable();
    t.string('key_id', 16).notNullable();
    t.binary('signature', 64).notNullable();
  });
  await db.schema.alterTable('action_events', (t) => {
    t.binary('salt', 16).nullable();
    t.binary('leaf', 32).nullable();
    t.bigInteger('block').nullable();
    t.integer('position').nullable();
    t.unique(['block', 'position']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('action_events', (t) => {
    t.dropUnique(['block', 'position']);
    for (const column of ['salt', 'leaf', 'block', 'position']) t.dropColumn(column);
  });
  await db.schema.dropTable('ledger_blocks');
  await db.schema.dropTable('ledger_keys');
}
