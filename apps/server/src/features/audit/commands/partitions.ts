import type { Knex } from 'knex';
import type { Database } from '../../../db/database.ts';
import { lastIdOf } from './batchId.ts';
import { idsOf, type Month, monthAfter, monthOf, parseMonth } from './months.ts';

/** By which column a table is divided: ids begin with a time, the counts of an hour have theirs. */
const partitioned = { command_events: 'id', command_batches: 'id', command_activity: 'at' } as const;
type Partitioned = keyof typeof partitioned;
const ofEvents = ['command_events', 'command_batches'] as const;
const tables = [...ofEvents, 'command_activity'] as const;
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
  for (const table of tables) {
    const [last = ''] = (await partitionsOf(knex, table)).filter((name) => name !== 'pmax').slice(-1);
    let month = monthOf(nowMs);
    for (let i = 0; i <= ahead; i++, month = monthAfter(month)) {
      if (`p${month.name}` <= last) continue;
      // What is newer than all months has a partition of its own, which is empty as long as this happens in time.
      await knex.raw(
        `alter table ${table} reorganize partition pmax into (partition p${month.name} values less than (${endOf(table, month)}), partition pmax values less than (maxvalue))`,
      );
    }
  }
}

function endOf(table: Partitioned, month: Month): string {
  return partitioned[table] === 'id' ? `'${idsOf(month).before}'` : String(month.endMs);
}

/** False when the month has none: on SQLite, and of a table that was divided later. */
export async function dropPartition(
  { kind, knex }: Pick<Database, 'kind' | 'knex'>,
  table: Partitioned,
  month: Month,
): Promise<boolean> {
  if (kind === 'sqlite' || !(await partitionsOf(knex, table)).includes(`p${month.name}`)) return false;
  await knex.raw(`alter table ${table} drop partition p${month.name}`);
  return true;
}

/** Removes all events of a month: on SQLite block by block, so that each is there as a whole or not at all. */
export async function dropMonth(db: Database, month: Month, signal: AbortSignal): Promise<void> {
  const { from, before } = idsOf(month);
  const { kind, knex, transaction } = db;
  for (const table of ofEvents) await dropPartition(db, table, month);
  if (kind === 'mysql') return;
  const batches = (on: Knex) => on('command_batches').where('id', '>=', from).where('id', '<', before);
  for (;;) {
    signal.throwIfAborted();
    const first: { block: number | null } | undefined = await batches(knex).orderBy('id').first('block');
    if (!first) return;
    await transaction(async (tx) => {
      const ids: string[] = await batches(tx)
        .where({ block: first.block })
        .orderBy('id')
        .limit(batchesAtOnce)
        .pluck('id');
      for (const id of ids)
        await tx('command_events')
          .whereBetween('id', [id, lastIdOf(id)])
          .delete();
      await tx('command_batches').whereIn('id', ids).delete();
    });
  }
}

/** A block holds no more. */
const batchesAtOnce = 500;

async function partitionsOf(knex: Database['knex'], table: string): Promise<string[]> {
  const [rows]: { name: string | null }[][] = await knex.raw(
    'select partition_name as name from information_schema.partitions where table_schema = database() and table_name = ? order by partition_ordinal_position',
    [table],
  );
  return (rows ?? []).map(({ name }) => name).filter((name) => name !== null);
}
