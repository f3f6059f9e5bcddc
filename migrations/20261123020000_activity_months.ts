import type { Knex } from 'knex';

/** On MySQL the counts of commands have a partition for each month, as the commands have, and go as fast with it. */
export async function up(db: Knex): Promise<void> {
  if (!isMySql(db)) return;
  const now = new Date();
  const months = Array.from({ length: 3 }, (_, i) => {
    const begin = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + i));
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + i + 1);
    return `partition p${begin.toISOString().slice(0, 7).replace('-', '')} values less than (${end})`;
  });
  await db.raw(
    `alter table command_activity partition by range (at) (${months.join(', ')}, partition pmax values less than (maxvalue))`,
  );
}

export async function down(db: Knex): Promise<void> {
  if (isMySql(db)) await db.raw('alter table command_activity remove partitioning');
}

function isMySql(db: Knex): boolean {
  return db.client.config.client === 'mysql2';
}
