import type { ActionEvent, ParamsOf } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import { fitting } from '../../db/fitting.ts';
import { encodeCursor, iso, pageBy } from '../../db/page.ts';
import { type EventFilter, filtered } from './eventFilter.ts';

type ListParams = ParamsOf<'audit.list'>;

export interface ActionRow extends Record<string, unknown> {
  id: string;
  at: number;
  actor_kind: ActionEvent['actorKind'];
  actor_id: string | null;
  actor_name: string;
  device_id: string | null;
  address: string;
  action: string;
  object: string | null;
  outcome: ActionEvent['outcome'];
  code: string | null;
  details: string;
}

export function createAuditStore(db: Database) {
  return {
    async list({ cursor, limit, ...filter }: ListParams) {
      const query = filtered(db.knex('action_events'), filter);
      const { rows, next } = await pageBy<ActionRow>(query, { key: 'id', cursor, limit, descending: true });
      const items = fitting(rows.map(toEvent));
      const end = items.length < rows.length ? encodeCursor(items.at(-1)?.id ?? '') : next;
      return { items, ...(end === undefined ? {} : { next: end }) };
    },

    async newestId(): Promise<string> {
      const row: { id: string } | undefined = await db.knex('action_events').orderBy('id', 'desc').first('id');
      return row?.id ?? '';
    },

    /** Ids after one, of a filter, oldest first. */
    async idsAfter(id: string, filter: EventFilter, limit: number): Promise<string[]> {
      return filtered(db.knex('action_events').where('id', '>', id), filter)
        .orderBy('id')
        .limit(limit)
        .pluck('id');
    },

    /** Events by their ids, oldest first. */
    async byIds(ids: readonly string[]): Promise<ActionEvent[]> {
      const rows: ActionRow[] = await db.knex('action_events').whereIn('id', ids).orderBy('id');
      return rows.map(toEvent);
    },

    /** Events after one id and up to another, of a filter, oldest first. */
    async between(after: string, upTo: string, filter: EventFilter, limit: number): Promise<ActionEvent[]> {
      const rows: ActionRow[] = await filtered(db.knex('action_events'), filter)
        .where('id', '>', after)
        .where('id', '<=', upTo)
        .orderBy('id')
        .limit(limit);
      return rows.map(toEvent);
    },
  };
}

export type AuditStore = ReturnType<typeof createAuditStore>;

export function toEvent(row: ActionRow): ActionEvent {
  return {
    id: row.id,
    at: iso(row.at),
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    actorName: row.actor_name,
    deviceId: row.device_id,
    address: row.address,
    action: row.action,
    object: row.object,
    outcome: row.outcome,
    code: row.code,
    details: JSON.parse(row.details),
  };
}
