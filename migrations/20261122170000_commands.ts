import type { Knex } from 'knex';
import { id, table, time } from './columns.ts';

/**
 * Commands seen on hosts. They are written in batches; the id of an event begins with its batch and ends with its place
 * there, so that a batch is one stretch of the primary key. On MySQL both tables have a partition for each month.
 */
export async function up(db: Knex): Promise<void> {
  await table(db, 'command_batches', (t) => {
    orderedId(t, db).primary();
    t.integer('events').notNullable();
    t.bigInteger('block').nullable();
    t.integer('place').nullable();
    t.index(['block', 'place'], 'command_batches_block');
  });
  await table(db, 'command_events', (t) => {
    orderedId(t, db).primary();
    time(t, 'at').notNullable();
    id(t, 'host_id').nullable();
    t.string('host_name', 100).notNullable();
    t.string('kind', 12).notNullable();
    t.bigInteger('uid').nullable();
    t.string('user_name', 100).notNullable();
    t.string('claimed_user', 100).notNullable();
    t.string('login_user', 100).notNullable();
    t.string('tty', 40).notNullable();
    t.string('session', 100).notNullable();
    t.bigInteger('number').nullable();
    t.string('source', 100).notNullable();
    t.text('directory').notNullable();
    t.integer('exit_code').nullable();
    t.string('via', 20).notNullable();
    t.text('command', 'mediumtext').notNullable();
    id(t, 'run_id').nullable();
    id(t, 'terminal_id').nullable();
    t.boolean('outside').notNullable();
    t.boolean('signed').notNullable();
    t.string('marks', 40).notNullable();
    time(t, 'claimed_at').nullable();
    t.string('address', 64).notNullable();
    id(t, 'boot').nullable();
    t.bigInteger('sequence').nullable();
    t.binary('salt', 16).nullable();
    t.binary('leaf', 32).notNullable();
    t.index(['at', 'id'], 'command_events_time');
    t.index(['host_id', 'at', 'id'], 'command_events_host');
    t.index(['user_name', 'at', 'id'], 'command_events_user');
  });
  await table(db, 'agent_streams', (t) => {
    id(t, 'host_id').notNullable();
    id(t, 'boot').notNullable();
    t.bigInteger('next').notNullable();
    id(t, 'key_id').notNullable();
    t.string('host_name', 100).notNullable();
    t.string('address', 64).notNullable();
    time(t, 'first_seen').notNullable();
    time(t, 'last_seen').notNullable();
    time(t, 'silent_since').nullable();
    t.primary(['host_id', 'boot']);
    t.index(['last_seen']);
  });
  if (!isMySql(db)) return;
  const months = monthsFrom(Date.now(), 3);
  for (const name of ['command_batches', 'command_events'])
    await db.raw(
      `alter table ${name} partition by range columns (id) (${months
        .map(({ partition, before }) => `partition ${partition} values less than ('${before}')`)
        .join(', ')}, partition pmax values less than (maxvalue))`,
    );
}

export async function down(db: Knex): Promise<void> {
  for (const name of ['agent_streams', 'command_events', 'command_batches']) await db.schema.dropTable(name);
}

function isMySql(db: Knex): boolean {
  return db.client.config.client === 'mysql2';
}

/** An id in ASCII: a third of the bytes in every index, and the kind that partitions are made by. */
function orderedId(t: Knex.CreateTableBuilder, db: Knex): Knex.ColumnBuilder {
  return t
    .specificType('id', isMySql(db) ? 'char(36) character set ascii collate ascii_bin' : 'char(36)')
    .notNullable();
}

function monthsFrom(ms: number, count: number): { partition: string; before: string }[] {
  const now = new Date(ms);
  return Array.from({ length: count }, (_, i) => {
    const begin = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + i));
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + i + 1);
    const hex = end.toString(16).padStart(12, '0');
    return {
      partition: `p${begin.toISOString().slice(0, 7).replace('-', '')}`,
      before: `${hex.slice(0, 8)}-${hex.slice(8)}-`,
    };
  });
}
