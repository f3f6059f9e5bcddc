import type { CommandEvent, TimelineItem, TimelineKind } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import { isCommand } from '../commands/commandEvent.ts';
import type { CommandFilter, Period } from '../commands/commandFilter.ts';
import { type Place, readCommands } from '../commands/commandPages.ts';
import { filtered, idFrom, timeOf } from '../eventFilter.ts';
import { type AlertRow, toAlerts } from '../rules/alertStore.ts';
import { type ActionRow, toEvent } from '../store.ts';
import { type Part, type Placed, partOf } from './merge.ts';

/** Whose timeline it is. */
export type Subject = { host: NonNullable<CommandFilter['host']>; name: string } | { user: string };

export interface Stretch {
  period: Period;
  before: Place | undefined;
  limit: number;
}

const commandKinds: CommandEvent['kind'][] = ['command', 'ended'];
const gapKinds: CommandEvent['kind'][] = ['started', 'dropped', 'gap', 'silence', 'resumed', 'clock'];

/** Commands, and what the audit has to say about the server: one list, of which either part may be left out. */
export async function commandPart(
  db: Pick<Database, 'knex' | 'kind'>,
  subject: Subject,
  kinds: ReadonlySet<TimelineKind>,
  stretch: Stretch,
): Promise<Part> {
  const both = kinds.has('command') && kinds.has('gap');
  const filter: CommandFilter = {
    ...('host' in subject ? { host: subject.host } : { user: subject.user }),
    ...(both ? {} : { kinds: kinds.has('command') ? commandKinds : gapKinds }),
  };
  const { items, next } = await readCommands(db, { filter, ...stretch });
  const placed = items.map((command): Placed => {
    const kind = isCommand(command) ? 'command' : 'gap';
    return { at: Date.parse(command.at), id: command.id, item: { kind, at: command.at, command } };
  });
  return { items: placed, end: next ?? null };
}

export async function alertPart({ knex }: Pick<Database, 'knex'>, subject: Subject, stretch: Stretch): Promise<Part> {
  // An unsigned event has no server of which alerts could be told.
  const of =
    'user' in subject ? { user_name: subject.user } : 'id' in subject.host ? { host_id: subject.host.id } : null;
  if (of === null) return { items: [], end: null };
  const { before, limit, period } = stretch;
  const query = knex('alerts').where(of);
  if (period.fromMs !== undefined) query.where('raised_at', '>=', period.fromMs);
  if (period.toMs !== undefined) query.where('raised_at', '<', period.toMs);
  if (before)
    query
      .where('raised_at', '<=', before.at)
      .where((older) => older.where('raised_at', '<', before.at).orWhere('id', '<', before.id));
  const rows: AlertRow[] = await query
    .orderBy([
      { column: 'raised_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit);
  return toldPart(await toAlerts(knex, rows), stretch, (alert) => ({
    ...{ at: alert.raisedAt, id: alert.id, item: { kind: 'alert', at: alert.raisedAt, alert } },
  }));
}

/** What a user did, and what was done to that user; or to a server. Ids of acts follow time and say where each stands. */
export async function actionParts(
  { knex }: Pick<Database, 'knex'>,
  subject: Subject,
  { period, before, limit }: Stretch,
): Promise<Part[]> {
  const read = async (chosen: Knex.QueryBuilder, methods?: string): Promise<Part> => {
    const query = filtered(chosen, {
      ...(period.fromMs === undefined ? {} : { from: iso(period.fromMs) }),
      ...(period.toMs === undefined ? {} : { to: iso(period.toMs) }),
    });
    // No range of actions, which SQLite would rather go through.
    if (methods !== undefined) query.whereRaw('instr(action, ?) = 1', [methods]);
    // The bound that the index needs, and then the exact one.
    if (before)
      query
        .where('id', '<', idFrom(before.at + 1))
        .where((older) => older.where('id', '<', idFrom(before.at)).orWhere('id', '<', before.id));
    const rows: ActionRow[] = await query.orderBy('id', 'desc').limit(limit);
    const placed = rows.map((row): Placed => {
      const action = toEvent(row);
      return { at: timeOf(row.id), id: row.id, item: { kind: 'action', at: action.at, action } };
    });
    return partOf(placed, limit);
  };
  /** Of one index each, so that nothing is sorted: a list of objects would be. */
  const by = (column: 'actor_name' | 'object', value: string) => knex('action_events').where(column, value);
  if ('user' in subject)
    return Promise.all([read(by('actor_name', subject.user)), read(by('object', `user:${subject.user}`))]);
  const { host, name } = subject;
  if (!('id' in host)) return [];
  // Its files are a range of the index and are sorted: people do not go through so many by hand. `;` comes after `:`.
  const files = knex('action_events').where('object', '>', `file:${name}:`).where('object', '<', `file:${name};`);
  // Changes of the server itself say its name, what was refused of its agent its id.
  return Promise.all([read(by('object', name), 'hosts.'), read(by('object', host.id)), read(files)]);
}

/** What other features tell, made into a part. */
export function toldPart<T>(
  told: readonly T[],
  { limit }: Stretch,
  place: (one: T) => { at: string; id: string; item: TimelineItem },
): Part {
  return partOf(
    told.map((one) => {
      const { at, id, item } = place(one);
      return { at: Date.parse(at), id, item };
    }),
    limit,
  );
}
