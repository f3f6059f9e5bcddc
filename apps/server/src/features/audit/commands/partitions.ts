import type { Database } from '../../../db/database.ts';
import { idsOf, type Month, monthAfter, monthOf, parseMonth } from './months.ts';

const partitioned = ['command_events', 'command_batches'] as const;
const ahead = 2;

/** The months that have partitions, oldest first; on SQLite, those with a batch. */
export async function storedMonths({ kind, knex }: Pick<Database, 'kind' | 'knex'>): Promise<Month[]> {
  if (kind === 'sqlite') {
    const months: Month[] = [];
    for (let from = ''; ; ) {
      const row: { id: string } | undefined = await knex('command_batches')
        .where('id', '>=', from)
        .orderBy('id')
        .first('id');
      if (!row) return months;
      const month = monthOf(Number.parseInt(row.id.replace('-', '').slice(0, 12), 16));
      months.push(month);
      from = idsOf(month).before;
    }
  }
  const names = await partitionsOf(knex, 'command_batches');
  return names.map((name) => parseMonth(name.slice(1))).filter((month) => month !== null);
}

/** On MySQL: partitions for this month and the next ones. */
export async function makePartitions({ kind, knex }: Pick<Database, 'kind' | 'knex'>, nowMs: number): Promise<void> {
  if (kind === 'sqlite') return;
  for (const table of partitioned) {
    const [last = ''] = (await partitionsOf(knex, table)).filter((name) => name !== 'pmax').slice(-1);
    let month = monthOf(nowMs);
    for (let i = 0; i <= ahead; i++, month = monthAfter(month)) {
      if (`p${month.name}` <= last) continue;
      // What is newer than all months has a partition of its own, which is empty as long as this happens in time.
      await knex.raw(
        `alter table ${table} reorganize partition pmax into (partition p${month.name} values less than ('${idsOf(month).before}'), partition pmax values less than (maxvalue))`,
      );
    }
  }
}

/** Removes all events of a month. */
export async function dropMonth(
  { kind, knex, transaction }: Database,
  month: Month,
  signal: AbortSignal,
): Promise<void> {
  const { from, before } = idsOf(month);
  for (const table of partitioned) {
    if (kind === 'mysql') {
      if ((await partitionsOf(knex, table)).includes(`p${month.name}`))
        await knex.raw(`alter table ${table} drop partition p${month.name}`);
      continue;
    }
    for (;;) {
      signal.throwIfAborted();
      const last: { id: string } | undefined = await knex(table)
        .where('id', '>=', from)
        .where('id', '<', before)
        .orderBy('id')
        .offset(rowsAtOnce)
        .first('id');
      await transaction((tx) =>
        tx(table)
          .where('id', '>=', from)
          .where('id', '<', last?.id ?? before)
          .delete(),
      );
      if (!last) break;
    }
  }
}

const rowsAtOnce = 2000;

async function partitionsOf(knex: Database['knex'], table: string): Promise<string[]> {
  const [rows]: { name: string | null }[][] = await knex.raw(
    'select partition_name as name from information_schema.partitions where table_schema = database() and table_name = ? order by partition_ordinal_position',
    [table],
  );
  return (rows ?? []).map(({ name }) => name).filter((name) => name !== null);
}
