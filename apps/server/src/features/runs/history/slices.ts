import type { Knex } from 'knex';

/**
 * So many runs are looked through at once: SQLite answers in the thread that serves everybody, and looking for words
 * costs it some 5 µs a run.
 */
export const runsASlice = 1000;

/** Where a walk through runs stands: behind this one, newest first. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

/** Lets others have their turn between two slices. */
export function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs behind a place, newest first. */
export function behind<Q extends Knex.QueryBuilder>(query: Q, place: Place | null): Q {
  if (place !== null)
    // The first condition alone bounds the index; a database does not see that in the second.
    query
      .where('runs.created_at', '<=', place.at)
      .andWhere((q) => q.where('runs.created_at', '<', place.at).orWhere('runs.id', '<', place.id));
  query.orderBy([
    { column: 'runs.created_at', order: 'desc' },
    { column: 'runs.id', order: 'desc' },
  ]);
  return query;
}
