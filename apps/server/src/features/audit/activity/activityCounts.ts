import type { Knex } from 'knex';
import type { Database, Tx } from '../../../db/database.ts';
import { lastIdOf } from '../commands/batchId.ts';
import type { Month } from '../commands/months.ts';
import { dropPartition } from '../commands/partitions.ts';

/** What is counted: everything, a server or a user by the hour, and those two by the day (UTC) as well. */
export type Scope = 'all' | 'host' | 'user' | 'host_day' | 'user_day';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export interface Counts {
  inside: number;
  outside: number;
}

interface Group {
  hour: number | string;
  host_id: string | null;
  address: string;
  user_name: string;
  outside: boolean | number;
  n: number | string;
}

/** Rows of `command_activity` to be raised, by their key. */
export type Tally = Map<string, { scope: Scope; name: string; at: number } & Counts>;

/** Adds the commands of one batch to a tally; of the batch only these few columns are read. */
export async function tallyBatch(on: Knex, batch: string, tally: Tally): Promise<void> {
  const groups: Group[] = await on('command_events')
    .whereBetween('id', [batch, lastIdOf(batch)])
    .where('kind', 'command')
    .select(on.raw('at - at % ? as hour', [hourMs]), 'host_id', 'address', 'user_name', 'outside')
    .count({ n: '*' })
    .groupBy('hour', 'host_id', 'address', 'user_name', 'outside');
  for (const { hour, host_id, address, user_name, outside, n } of groups) {
    const at = Number(hour);
    const host = host_id ?? address;
    const rows: [Scope, string, number][] = [
      ['all', '', at],
      ['host', host, at],
      ['host_day', host, at - (at % dayMs)],
    ];
    // Whom a shell only claims to be is nobody.
    if (user_name !== '') rows.push(['user', user_name, at], ['user_day', user_name, at - (at % dayMs)]);
    for (const [scope, name, time] of rows) {
      const key = `${scope} ${time} ${name}`;
      const row = tally.get(key) ?? { scope, name, at: time, inside: 0, outside: 0 };
      row[outside ? 'outside' : 'inside'] += Number(n);
      tally.set(key, row);
    }
  }
}

const rowsAtOnce = 200;

/** In the transaction that takes the batches off their queue: each is counted once. */
export async function addTally(tx: Tx, kind: Database['kind'], tally: Tally): Promise<void> {
  const rows = [...tally.values()];
  for (let i = 0; i < rows.length; i += rowsAtOnce) {
    const some = rows.slice(i, i + rowsAtOnce);
    const values = some.flatMap(({ scope, name, at, inside, outside }) => [scope, name, at, inside, outside]);
    const marks = some.map(() => '(?, ?, ?, ?, ?)').join(', ');
    const onRepeat =
      kind === 'mysql'
        ? 'on duplicate key update inside = inside + values(inside), outside = outside + values(outside)'
        : 'on conflict (scope, name, at) do update set inside = inside + excluded.inside, outside = outside + excluded.outside';
    await tx.raw(`insert into command_activity (scope, name, at, inside, outside) values ${marks} ${onRepeat}`, values);
  }
}

/** Counts go with the events that they count. */
export async function removeActivity(db: Database, month: Month, signal: AbortSignal): Promise<void> {
  if (await dropPartition(db, 'command_activity', month)) return;
  const { beginMs: fromMs, endMs: toMs } = month;
  const scopes: Scope[] = ['all', 'host', 'user', 'host_day', 'user_day'];
  for (const scope of scopes)
    for (let at = fromMs; at < toMs; at += dayMs) {
      signal.throwIfAborted();
      await db.transaction((tx) =>
        tx('command_activity')
          .where({ scope })
          .where('at', '>=', at)
          .where('at', '<', Math.min(toMs, at + dayMs))
          .delete(),
      );
    }
}
