import { randomUUID } from 'node:crypto';
import type { Database } from '../../apps/server/src/db/database.ts';
import { dayMs, hourMs } from '../../apps/server/src/features/audit/activity/activityCounts.ts';
import { commandColumns } from '../../apps/server/src/features/audit/commands/commandEvent.ts';
import { idsOf, type Month, monthOf } from '../../apps/server/src/features/audit/commands/months.ts';
import { progressOf } from './figures.ts';

export interface Millions {
  hosts: string[];
  /** Oldest first; the last one is this month. */
  months: Month[];
}

const hostCount = 1000;
const monthCount = 4;
const perBatch = 1000;
const perStatement = 100_000;
const indexes = {
  command_events_time: 'at, id',
  command_events_host: 'host_id, at, id',
  command_events_user: 'user_name, at, id',
};

/**
 * Events of four months on a thousand hosts, in the product's tables and partitions, with leaves that are right: made by
 * MariaDB itself, since it is reading them that is measured. Their indexes are built at the end. The counts of the charts are as
 * many as there would be, and removed with a month; what rules make of events is not made.
 */
export async function storeMillions({ knex }: Database, events: number): Promise<Millions> {
  const now = Date.now();
  const months = [monthOf(now)];
  while (months.length < monthCount) months.unshift(monthOf((months[0]?.beginMs ?? now) - 1));
  const begin = months[0]?.beginMs ?? now;
  const spanMs = Math.floor((now - begin) / Math.ceil(events / perBatch));
  const [last] = months.slice(-1);
  for (const table of ['command_events', 'command_batches', 'command_activity']) {
    const endOf = (month: Month) => (table === 'command_activity' ? month.endMs : `'${idsOf(month).before}'`);
    const parts = months.map((month) => `partition p${month.name} values less than (${endOf(month)})`);
    await knex.raw(`alter table ${table} reorganize partition p${last?.name} into (${parts.join(', ')})`);
  }
  const hosts = Array.from({ length: hostCount }, () => randomUUID());
  await knex.raw(
    'create table bench_hosts (n int primary key, host char(36)) character set utf8mb4 collate utf8mb4_bin',
  );
  await knex('bench_hosts').insert(hosts.map((host, n) => ({ n, host })));
  await knex.raw(
    `alter table command_events ${Object.keys(indexes)
      .map((name) => `drop index ${name}`)
      .join(', ')}`,
  );
  const progress = progressOf('stored', events);
  for (let from = 0; from < events; from += perStatement) {
    const to = Math.min(events, from + perStatement) - 1;
    await knex.raw(insertEvents({ from, to, begin, spanMs }));
    await knex.raw(
      `insert into command_batches (id, events) select concat(${batchId('b.seq', begin, spanMs)}, '000000'), least(${perBatch}, ${events} - b.seq * ${perBatch}) from seq_${from / perBatch}_to_${Math.floor(to / perBatch)} b`,
    );
    progress(to + 1);
  }
  progress('its indexes');
  await knex.raw(
    `alter table command_events ${Object.entries(indexes)
      .map(([name, columns]) => `add index ${name} (${columns})`)
      .join(', ')}`,
  );
  progress('the counts of charts');
  await countActivity(knex, begin);
  await knex.raw('drop table bench_hosts');
  await knex.raw('analyze table command_events');
  return { hosts, months };
}

/** All of a batch's id but its last six digits. */
function batchId(batch: string, begin: number, spanMs: number): string {
  const hex = `lower(lpad(hex(${begin} + ${batch} * ${spanMs}), 12, '0'))`;
  const random = `md5(${batch})`;
  return `concat(left(${hex}, 8), '-', right(${hex}, 4), '-7', left(${random}, 3), '-8', substr(${random}, 4, 3), '-', substr(${random}, 7, 6))`;
}

function insertEvents(of: { from: number; to: number; begin: number; spanMs: number }): string {
  const { from, to, begin, spanMs } = of;
  const commands = ['ls -la /var/log', 'systemctl status nginx', 'tail -n 200 app.log | grep error', 'cd /srv/app'];
  const values: Record<(typeof commandColumns)[number], string> = {
    id: `concat(${batchId(`floor(s.seq / ${perBatch})`, begin, spanMs)}, lower(lpad(hex(s.seq % ${perBatch}), 6, '0')))`,
    at: `${begin} + floor(s.seq / ${perBatch}) * ${spanMs} - s.seq * 37 % 60000`,
    ...{ host_id: 'h.host', host_name: `concat('web', h.n)`, kind: `'command'`, uid: `1000 + s.seq % 50` },
    ...{ user_name: `concat('user', crc32(s.seq + 5) % 50)`, claimed_user: `concat('user', crc32(s.seq + 5) % 50)` },
    ...{ login_user: `'ada'`, tty: `'pts/1'`, session: `concat('77-', s.seq % 4000)`, number: 's.seq % 500' },
    ...{ source: `'10.0.0.9'`, directory: `'/srv/app'`, exit_code: `if(s.seq % 17 = 0, 1, 0)`, via: `'bash'` },
    command: `concat(elt(1 + crc32(s.seq + 3) % 4, ${commands.map((text) => `'${text}'`).join(', ')}), ' # ', s.seq * 7919 % 99991)`,
    ...{ run_id: 'null', terminal_id: 'null', outside: '1', signed: '1', marks: `''`, claimed_at: 'null' },
    ...{ address: `'10.0.0.9'`, boot: 'h.host', sequence: 's.seq' },
  };
  const numbers: ReadonlySet<string> = new Set(['at', 'uid', 'number', 'exit_code', 'outside', 'signed', 'sequence']);
  const json = commandColumns.map((column) => {
    if (values[column] === 'null') return `'null'`;
    return numbers.has(column) ? `e.\`${column}\`` : `'"', e.\`${column}\`, '"'`;
  });
  const text = `concat('["om-command-1",', ${json.join(`, ',', `)}, ']')`;
  const names = commandColumns.map((column) => `\`${column}\``).join(', ');
  const rows = `select ${commandColumns.map((column) => `${values[column]} as \`${column}\``).join(', ')}, cast(unhex(md5(s.seq)) as binary(16)) as salt from seq_${from}_to_${to} s join bench_hosts h on h.n = crc32(s.seq + 7) % ${hostCount}`;
  return `insert into command_events (${names}, salt, leaf) select e.*, unhex(sha2(concat(char(0), e.salt, cast(${text} as binary)), 256)) from (${rows}) e`;
}

/** As many counts as there would be, of plausible size. */
async function countActivity(knex: Database['knex'], begin: number): Promise<void> {
  const scopes = {
    all: [`''`, '(select 0 as n) s', hourMs],
    host: ['s.host', 'bench_hosts s', hourMs],
    host_day: ['s.host', 'bench_hosts s', dayMs],
    user: [`concat('user', s.seq)`, 'seq_0_to_49 s', hourMs],
    user_day: [`concat('user', s.seq)`, 'seq_0_to_49 s', dayMs],
  } as const;
  for (const [scope, [name, from, stepMs]] of Object.entries(scopes))
    await knex.raw(
      `insert into command_activity (scope, name, at, inside, outside) select '${scope}', ${name}, ${begin} + h.seq * ${stepMs}, 0, 4 from ${from} join seq_0_to_${Math.floor((Date.now() - begin) / stepMs)} h order by 2, 3`,
    );
}
