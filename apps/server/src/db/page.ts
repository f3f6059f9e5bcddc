import type { Knex } from 'knex';

export interface PageParams {
  cursor?: string | undefined;
  limit: number;
}

/**
 * One page by key (never by offset): adds order, cursor and limit to a query whose rows carry `key`, a unique column.
 * `descending` is for ids in time order, newest first.
 */
export async function pageBy<Row extends Record<string, unknown>>(
  query: Knex.QueryBuilder,
  { key, cursor, limit, descending = false }: PageParams & { key: keyof Row & string; descending?: boolean },
): Promise<{ rows: Row[]; next?: string }> {
  if (cursor !== undefined) query.where(key, descending ? '<' : '>', decodeCursor(cursor));
  const rows: Row[] = await query.orderBy(key, descending ? 'desc' : 'asc').limit(limit + 1);
  if (rows.length <= limit) return { rows };
  const page = rows.slice(0, limit);
  return { rows: page, next: encodeCursor(String(page.at(-1)?.[key])) };
}

export function encodeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8');
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
