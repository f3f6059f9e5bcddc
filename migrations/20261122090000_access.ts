import type { Knex } from 'knex';
import { bytes, id, json, table, time } from './columns.ts';

export async function up(db: Knex): Promise<void> {
  await table(db, 'users', (t) => {
    id(t, 'id').primary();
    t.string('name', 50).notNullable().unique();
    t.string('role', 20).notNullable();
    t.string('password_hash', 255).notNullable();
    bytes(t, db, 'totp_sealed').nullable();
    bytes(t, db, 'totp_pending_sealed').nullable();
    t.bigInteger('totp_last_step').notNullable().defaultTo(0);
    time(t, 'created_at').notNullable();
    time(t, 'disabled_at').nullable();
  });
  await table(db, 'devices', (t) => {
    id(t, 'id').primary();
    id(t, 'user_id').notNullable().references('users.id');
    t.string('public_key', 43).notNullable().unique();
    t.string('name', 100).notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'last_seen_at').nullable();
    time(t, 'revoked_at').nullable();
    t.index(['user_id']);
  });
  await table(db, 'sessions', (t) => {
    id(t, 'id').primary();
    id(t, 'user_id').notNullable().references('users.id');
    id(t, 'device_id').notNullable().references('devices.id');
    t.string('secret_hash', 64).notNullable().unique();
    t.string('address', 64).notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'last_seen_at').notNullable();
    time(t, 'expires_at').notNullable();
    time(t, 'ended_at').nullable();
    t.index(['user_id']);
    t.index(['device_id']);
  });
  await table(db, 'invites', (t) => {
    id(t, 'id').primary();
    t.string('code_hash', 64).notNullable().unique();
    t.string('role', 20).notNullable();
    id(t, 'user_id').nullable().references('users.id');
    t.string('created_by', 100).notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'expires_at').notNullable();
    time(t, 'redeemed_at').nullable();
    id(t, 'redeemed_by').nullable();
    time(t, 'revoked_at').nullable();
    t.index(['user_id']);
  });
  await table(db, 'tokens', (t) => {
    id(t, 'id').primary();
    id(t, 'user_id').notNullable().references('users.id');
    t.string('name', 100).notNullable();
    t.string('secret_hash', 64).notNullable().unique();
    t.string('role', 20).notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'expires_at').notNullable();
    time(t, 'last_used_at').nullable();
    time(t, 'revoked_at').nullable();
    t.index(['user_id']);
  });
  // One row: raised by everything that takes a right away, so that every process notices within a second.
  await table(db, 'access_epoch', (t) => {
    t.integer('only').primary();
    t.bigInteger('epoch').notNullable();
  });
  await db('access_epoch').insert({ only: 1, epoch: 1 });

  await table(db, 'calls', (t) => {
    t.string('caller', 80).notNullable();
    id(t, 'call_id').notNullable();
    t.string('method', 64).notNullable();
    t.string('params_hash', 64).notNullable();
    bytes(t, db, 'result').notNullable();
    t.boolean('sealed').notNullable();
    time(t, 'at').notNullable();
    t.primary(['caller', 'call_id']);
    t.index(['at']);
  });
  await table(db, 'action_events', (t) => {
    id(t, 'id').primary();
    time(t, 'at').notNullable();
    t.string('actor_kind', 20).notNullable();
    t.string('actor_id', 64).nullable();
    t.string('actor_name', 100).notNullable();
    t.string('device_id', 64).nullable();
    t.string('address', 64).notNullable();
    t.string('action', 64).notNullable();
    t.string('object', 255).nullable();
    t.string('outcome', 20).notNullable();
    t.string('code', 40).nullable();
    json(t, 'details').notNullable();
    t.index(['at', 'id']);
  });
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['action_events', 'calls', 'access_epoch', 'tokens', 'invites', 'sessions', 'devices', 'users']) {
    await db.schema.dropTable(name);
  }
}
