import type { ActionEvent, ParamsOf } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import { iso, pageBy } from '../../db/page.ts';

type ListParams = ParamsOf<'audit.list'>;
type Filter = Pick<ListParams, 'actor' | 'action' | 'outcome'>;

interface Row extends Record<string, unknown> {
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

const pageSize = 200;

export function createAuditStore(db: Database) {
  return {
    async list({ cursor, limit, from, to, ...filter }: ListParams) {
      const query = filtered(db.knex('action_events'), filter);
      if (from !== undefined) query.where('at', '>=', Date.parse(from));
      if (to !== undefined) query.where('at', '<', Date.parse(to));
      const { rows, next } = await pageBy<Row>(query, { key: 'id', cursor, limit, descending: true });
      return { items: rows.map(toEvent), ...(next === undefined ? {} : { next }) };
    },

    async newestId(): Promise<string> {
      const row: { id: string } | undefined = await db.knex('action_events').orderBy('id', 'desc').first('id');
      return row?.id ?? '';
    },

    /** Events after an id, oldest first: ids are UUIDv7, so they follow time. */
    async after(id: string, filter: Filter): Promise<ActionEvent[]> {
      const rows: Row[] = await filtered(db.knex('action_events').where('id', '>', id), filter)
        .orderBy('id')
        .limit(pageSize);
      return rows.map(toEvent);
    },
  };
}

function filtered(query: Knex.QueryBuilder, { actor, action, outcome }: Filter): Knex.QueryBuilder {
  if (actor !== undefined) query.where('actor_name', actor);
  if (action !== undefined) query.where('action', action);
  if (outcome !== undefined) query.where('outcome', outcome);
  return query;
}

function toEvent(row: Row): ActionEvent {
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
