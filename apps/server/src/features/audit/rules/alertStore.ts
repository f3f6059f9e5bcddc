import type { Alert, AlertRule, CommandEvent, ParamsOf } from '@omanager/contract';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import type { Tx } from '../../../db/database.ts';
import { iso, isoOrNull, pageBy } from '../../../db/page.ts';
import { idFrom } from '../eventFilter.ts';
import { userOf } from './matcher.ts';

export interface AlertRow extends Record<string, unknown> {
  id: string;
  rule_id: string;
  rule_name: string;
  severity: Alert['severity'];
  raised_at: number;
  host_id: string | null;
  host_name: string;
  user_name: string;
  event_id: string;
  last_event_id: string;
  last_at: number;
  count: number;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  note: string;
  version: number;
  changed_at: number;
}

export type AlertFilter = Omit<ParamsOf<'alerts.follow'>, 'after'>;

/** As much of a command as a list shows; the event has the whole. */
const mostShown = 1000;

/** Matches of one rule, server and user, in their order. */
export interface Hits {
  rule: AlertRule;
  events: readonly [CommandEvent, ...CommandEvent[]];
}

/** A new alert, or more for that of the cooldown under way; undefined in the second case. */
export async function raise(tx: Tx, { rule, events }: Hits, now: number): Promise<AlertRow | undefined> {
  const [first] = events;
  const last = events.at(-1) ?? first;
  const same = { rule_id: rule.id, host_name: first.hostName, user_name: userOf(first) };
  const newest = { last_event_id: last.id, last_at: Date.parse(last.at), changed_at: now };
  const running: AlertRow | undefined = await tx('alerts')
    .where(same)
    .where('raised_at', '>', now - rule.cooldownSeconds * 1000)
    .orderBy('raised_at', 'desc')
    .first();
  if (running && rule.cooldownSeconds > 0) {
    const counted = { count: tx.raw('?? + ?', ['count', events.length]), version: tx.raw('?? + 1', ['version']) };
    await tx('alerts')
      .where({ id: running.id })
      .update({ ...newest, ...counted });
    return undefined;
  }
  const row: AlertRow = {
    ...{ id: uuid(), ...same, rule_name: rule.name, severity: rule.severity, raised_at: now, host_id: first.hostId },
    ...{ event_id: first.id, ...newest, count: events.length },
    ...{ acknowledged_at: null, acknowledged_by: null, note: '', version: 1 },
  };
  await tx('alerts').insert(row);
  return row;
}

export async function pageOfAlerts(
  on: Knex,
  { cursor, limit, from, to, ...filter }: ParamsOf<'alerts.list'>,
): Promise<{ items: Alert[]; next?: string }> {
  const query = filtered(on('alerts'), filter);
  if (from !== undefined)
    query.where('raised_at', '>=', Date.parse(from)).where('id', '>=', idFrom(Date.parse(from) - idMarginMs));
  if (to !== undefined)
    query.where('raised_at', '<', Date.parse(to)).where('id', '<', idFrom(Date.parse(to) + idMarginMs));
  const { rows, next } = await pageBy<AlertRow>(query, { key: 'id', cursor, limit, descending: true });
  return { items: await toAlerts(on, rows), ...(next === undefined ? {} : { next }) };
}

/** An id is made just after its alert's time is read; a transaction may be tried again. */
const idMarginMs = 60_000;

/** Changed at this moment or later, in that order. */
export function changedSince(
  on: Knex,
  filter: AlertFilter,
  { since, after, limit }: { since: number; after: { at: number; id: string } | undefined; limit: number },
): Promise<AlertRow[]> {
  const query = filtered(on('alerts'), filter).where('changed_at', '>=', after?.at ?? since);
  if (after) query.where((later) => later.where('changed_at', '>', after.at).orWhere('id', '>', after.id));
  return Promise.resolve(query.orderBy('changed_at').orderBy('id').limit(limit));
}

const mostCounted = 1000;

/** Alerts that nobody has acknowledged, at most a thousand. */
export async function countOpen(on: Knex): Promise<number> {
  const some = on('alerts').whereNull('acknowledged_at').select('id').limit(mostCounted).as('some');
  const row: { n: number | string } | undefined = await on.from(some).count({ n: '*' }).first();
  return Number(row?.n ?? 0);
}

export async function acknowledge(
  tx: Tx,
  ids: readonly string[],
  { by, at, note }: { by: string; at: number; note: string },
): Promise<number> {
  return tx('alerts')
    .whereIn('id', ids)
    .whereNull('acknowledged_at')
    .update({
      ...{ acknowledged_at: at, acknowledged_by: by, note, changed_at: at },
      version: tx.raw('?? + 1', ['version']),
    });
}

/** With the commands as they are stored: an alert keeps none of its own, so that one can be erased. */
export async function toAlerts(on: Knex, rows: readonly AlertRow[]): Promise<Alert[]> {
  const events: { id: string; command: string }[] = await on('command_events')
    .whereIn('id', [...new Set(rows.map(({ event_id }) => event_id))])
    .select('id', on.raw('substr(??, 1, ?) as ??', ['command', mostShown, 'command']));
  const commands = new Map(events.map(({ id, command }) => [id, command]));
  return rows.map((row) => ({
    id: row.id,
    ruleId: row.rule_id,
    ruleName: row.rule_name,
    severity: row.severity,
    raisedAt: iso(Number(row.raised_at)),
    hostId: row.host_id,
    hostName: row.host_name,
    user: row.user_name,
    eventId: row.event_id,
    command: commands.get(row.event_id) ?? null,
    count: row.count,
    lastEventId: row.last_event_id,
    lastAt: iso(Number(row.last_at)),
    acknowledgedAt: isoOrNull(row.acknowledged_at === null ? null : Number(row.acknowledged_at)),
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
    version: row.version,
  }));
}

function filtered(query: Knex.QueryBuilder, filter: AlertFilter): Knex.QueryBuilder {
  const { severities, rule, host, user, acknowledged } = filter;
  if (severities) query.whereIn('severity', severities);
  if (rule !== undefined) query.where('rule_id', rule);
  if (host !== undefined) query.where('host_id', host);
  if (user !== undefined) query.where('user_name', user);
  if (acknowledged === true) query.whereNotNull('acknowledged_at');
  if (acknowledged === false) query.whereNull('acknowledged_at');
  return query;
}
