import type { ActivityShare, ParamsOf, ResultOf } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso } from '../../../db/page.ts';
import { type Counts, dayMs, hourMs, type Scope } from './activityCounts.ts';

type Asked = Pick<ParamsOf<'commands.activity'>, 'days' | 'offsetMinutes' | 'top'>;
/** Everything, or one server or user. */
export type Counted = { scope: 'all' } | { scope: 'host' | 'user'; name: string };

interface Row {
  name: string;
  at: number | string;
  inside: number | string;
  outside: number | string;
}

/** Commands by day and by hour of the week, of at most 92 days: a row an hour is read. And where most of them were. */
export async function readActivity(
  on: Knex,
  counted: Counted,
  { days, offsetMinutes, top }: Asked,
  untilMs: number,
): Promise<ResultOf<'commands.activity'>> {
  const offset = offsetMinutes * 60_000;
  const lastDay = Math.floor((untilMs + offset) / dayMs) * dayMs - offset;
  const [from, to] = [lastDay - (days - 1) * dayMs, lastDay + dayMs];
  const rows: Row[] = await on('command_activity')
    .where({ scope: counted.scope, name: 'name' in counted ? counted.name : '' })
    // An hour of UTC that is partly of the day before belongs to it.
    .where('at', '>=', from)
    .where('at', '<', to)
    .select('at', 'inside', 'outside');
  const ofDay = new Map<number, Counts>();
  const ofHour = new Map<number, Counts>();
  for (const row of rows) {
    const local = Number(row.at) + offset;
    add(ofDay, Math.floor(local / dayMs), row);
    // The first of January 1970 was a Thursday, the fourth day.
    add(ofHour, ((Math.floor(local / dayMs) + 3) % 7) * 24 + Math.floor((local % dayMs) / hourMs), row);
  }
  const named = counted.scope === 'all';
  return {
    days: Array.from({ length: days }, (_, i) => {
      const begin = from + i * dayMs;
      const counts = ofDay.get(Math.floor((begin + offset) / dayMs)) ?? { inside: 0, outside: 0 };
      return { day: iso(begin + offset).slice(0, 10), from: iso(begin), to: iso(begin + dayMs), ...counts };
    }),
    hours: [...ofHour]
      .sort(([a], [b]) => a - b)
      .map(([place, counts]) => ({ weekday: Math.floor(place / 24) + 1, hour: place % 24, ...counts })),
    hosts: named ? await most(on, 'host', { from, to, top }) : [],
    users: named ? await most(on, 'user', { from, to, top }) : [],
  };
}

function add<K>(sums: Map<K, Counts>, key: K, { inside, outside }: Pick<Row, 'inside' | 'outside'>): void {
  const before = sums.get(key) ?? { inside: 0, outside: 0 };
  sums.set(key, { inside: before.inside + Number(inside), outside: before.outside + Number(outside) });
}

/** Those with most commands: whole days are counted by the day, what is left at both ends by the hour. */
async function most(
  on: Knex,
  scope: 'host' | 'user',
  { from, to, top }: { from: number; to: number; top: number },
): Promise<ActivityShare[]> {
  const [firstDay, endDay] = [Math.ceil(from / dayMs) * dayMs, Math.floor(to / dayMs) * dayMs];
  const stretch = (name: Scope, begin: number, end: number) =>
    on('command_activity')
      .where({ scope: name })
      .where('at', '>=', begin)
      .where('at', '<', end)
      .select('name', 'inside', 'outside');
  const all = stretch(`${scope}_day`, firstDay, endDay);
  if (from < firstDay) all.unionAll(stretch(scope, from, firstDay));
  if (endDay < to) all.unionAll(stretch(scope, endDay, to));
  const rows: Omit<Row, 'at'>[] = await on
    .from(all.as('counted'))
    .select('name')
    .sum({ inside: 'inside', outside: 'outside' })
    .groupBy('name')
    .orderByRaw('sum(inside) + sum(outside) desc, name')
    .limit(top);
  return rows.map(({ name, inside, outside }) => ({ name, inside: Number(inside), outside: Number(outside) }));
}
