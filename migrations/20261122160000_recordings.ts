import type { Knex } from 'knex';
import { bytes, id, table, time } from './columns.ts';

/** Terminals, open and recorded; their asciicast files in sealed pieces. */
export async function up(db: Knex): Promise<void> {
  await table(db, 'recordings', (t) => {
    id(t, 'id').primary();
    id(t, 'host_id').notNullable();
    t.string('host_name', 100).notNullable();
    t.string('address', 255).notNullable();
    t.string('login', 100).notNullable();
    id(t, 'user_id').notNullable();
    t.string('user_name', 100).notNullable();
    t.string('from_address', 100).notNullable();
    t.string('state', 20).notNullable();
    t.string('ended_for', 20).nullable();
    t.text('message').nullable();
    time(t, 'started_at').notNullable();
    time(t, 'ended_at').nullable();
    time(t, 'alive_at').notNullable();
    t.integer('cols').notNullable();
    t.integer('rows').notNullable();
    t.boolean('input').notNullable();
    t.bigInteger('bytes').notNullable().defaultTo(0);
    t.bigInteger('stored_bytes').notNullable().defaultTo(0);
    t.integer('chunks').notNullable().defaultTo(0);
    t.integer('commands').notNullable().defaultTo(0);
    t.string('sha256', 64).nullable();
    t.index(['state', 'alive_at']);
    t.index(['host_name', 'id']);
    t.index(['user_name', 'id']);
  });
  await table(db, 'recording_chunks', (t) => {
    id(t, 'recording_id').notNullable();
    t.integer('seq').notNullable();
    t.string('sha256', 64).notNullable();
    bytes(t, db, 'sealed').notNullable();
    t.primary(['recording_id', 'seq']);
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('recording_chunks');
  await db.schema.dropTable('recordings');
}
