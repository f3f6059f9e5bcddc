import type { ParamsOf } from '@omanager/contract';
import type { Knex } from 'knex';

export type EventFilter = Pick<
  ParamsOf<'audit.list'>,
  'actor' | 'action' | 'family' | 'object' | 'outcome' | 'text' | 'from' | 'to'
>;

const searched = ['actor_name', 'address', 'action', 'object', 'code', 'details'];
/** An id is made just before its event's time is read. */
const idMarginMs = 5000;

/** The events of a filter, not ordered. Ids follow time, so a period bounds the primary key. */
export function filtered(query: Knex.QueryBuilder, filter: EventFilter): Knex.QueryBuilder {
  const { actor, action, family, object, outcome, text, from, to } = filter;
  if (actor !== undefined) query.where('actor_name', actor);
  if (action !== undefined) query.where('action', action);
  if (family !== undefined) query.where('action', '>=', `${family}.`).where('action', '<', `${family}/`);
  if (object !== undefined) query.where('object', object);
  if (outcome !== undefined) query.where('outcome', outcome);
  if (from !== undefined) {
    const ms = Date.parse(from);
    query.where('at', '>=', ms).where('id', '>=', idFrom(ms - idMarginMs));
  }
  if (to !== undefined) {
    const ms = Date.parse(to);
    query.where('at', '<', ms).where('id', '<', idFrom(ms + idMarginMs));
  }
  if (text !== undefined)
    query.where((any) => {
      for (const column of searched) any.orWhereRaw('instr(lower(??), ?) > 0', [column, text.toLowerCase()]);
    });
  return query;
}

/** Not greater than any UUIDv7 of that millisecond or later. */
export function idFrom(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-`;
}

/** When a UUIDv7 was made; 0 for what is none. */
export function timeOf(id: string): number {
  const ms = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  return Number.isSafeInteger(ms) ? ms : 0;
}
