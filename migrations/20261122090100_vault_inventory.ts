import type { Knex } from 'knex';
import { bytes, id, json, table, time } from './columns.ts';

export async function up(db: Knex): Promise<void> {
  await table(db, 'credentials', (t) => {
    id(t, 'id').primary();
    t.string('name', 100).notNullable().unique();
    t.string('kind', 20).notNullable();
    t.integer('version').notNullable();
    t.string('fingerprint', 100).nullable();
    t.boolean('has_sudo_password').notNullable();
    bytes(t, db, 'sealed').notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'updated_at').notNullable();
  });
  await table(db, 'zones', (t) => {
    id(t, 'id').primary();
    t.string('name', 100).notNullable().unique();
    t.string('title', 200).notNullable();
    t.string('host_key_policy', 20).notNullable();
    time(t, 'created_at').notNullable();
  });
  await table(db, 'hosts', (t) => {
    id(t, 'id').primary();
    t.string('name', 200).notNullable().unique();
    t.string('address', 255).notNullable();
    t.integer('port').notNullable();
    t.string('user_name', 64).notNullable();
    id(t, 'credential_id').nullable().references('credentials.id');
    id(t, 'zone_id').notNullable().references('zones.id');
    t.string('environment', 50).notNullable();
    json(t, 'labels').notNullable();
    time(t, 'created_at').notNullable();
    time(t, 'updated_at').notNullable();
    t.index(['credential_id']);
    t.index(['zone_id', 'name']);
    t.index(['environment', 'name']);
    t.index(['zone_id', 'address', 'port'], 'hosts_endpoint');
  });
  // The way into a zone, outermost first; a host that is one cannot be removed.
  await table(db, 'zone_jump_hosts', (t) => {
    id(t, 'zone_id').notNullable().references('zones.id').onDelete('CASCADE');
    t.integer('position').notNullable();
    id(t, 'host_id').notNullable().references('hosts.id');
    t.primary(['zone_id', 'position']);
    t.index(['host_id']);
  });
  // Every change of the inventory raises its row first, so that what it then reads stays true until it commits.
  await table(db, 'inventory_locks', (t) => {
    t.string('name', 20).primary();
    t.bigInteger('revision').notNullable();
  });
  await table(db, 'host_labels', (t) => {
    id(t, 'host_id').notNullable().references('hosts.id').onDelete('CASCADE');
    t.string('label_key', 63).notNullable();
    t.string('label_value', 100).notNullable();
    t.primary(['host_id', 'label_key']);
    t.index(['label_key', 'label_value', 'host_id']);
  });
  await table(db, 'host_groups', (t) => {
    id(t, 'id').primary();
    // Ends in `/`, so that one range of paths is a group and all below it.
    t.string('path', 301).notNullable().unique();
    time(t, 'created_at').notNullable();
  });
  // Each group below each of those above it, and below itself: what counting a tree of servers joins by.
  await table(db, 'host_group_tree', (t) => {
    id(t, 'ancestor_id').notNullable().references('host_groups.id').onDelete('CASCADE');
    id(t, 'group_id').notNullable().references('host_groups.id').onDelete('CASCADE');
    t.primary(['ancestor_id', 'group_id']);
    t.index(['group_id']);
  });
  await table(db, 'host_group_members', (t) => {
    id(t, 'group_id').notNullable().references('host_groups.id').onDelete('CASCADE');
    id(t, 'host_id').notNullable().references('hosts.id').onDelete('CASCADE');
    t.primary(['group_id', 'host_id']);
    t.index(['host_id']);
  });
  await table(db, 'host_keys', (t) => {
    id(t, 'id').primary();
    id(t, 'zone_id').notNullable().references('zones.id');
    t.string('address', 255).notNullable();
    t.integer('port').notNullable();
    t.string('type', 64).notNullable();
    t.text('key_data').notNullable();
    t.string('fingerprint', 100).notNullable();
    t.string('state', 20).notNullable();
    t.boolean('changed').notNullable();
    time(t, 'seen_at').notNullable();
    t.string('decided_by', 100).nullable();
    t.unique(['zone_id', 'address', 'port', 'fingerprint'], { indexName: 'host_keys_endpoint' });
    t.index(['state']);
  });
  await db('inventory_locks').insert([
    { name: 'inventory', revision: 0 },
    { name: 'host_keys', revision: 0 },
  ]);
}

export async function down(db: Knex): Promise<void> {
  for (const name of [
    'host_keys',
    'inventory_locks',
    'zone_jump_hosts',
    'host_group_members',
    'host_group_tree',
    'host_groups',
    'host_labels',
    'hosts',
    'zones',
    'credentials',
  ]) {
    await db.schema.dropTable(name);
  }
}
