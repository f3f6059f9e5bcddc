import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { type PageParams, pageBy } from '../../../db/page.ts';

/** Why a key counts no more: a newer one of the host was used, the agent was removed, or somebody said so. */
export type RevokedFor = 'replaced' | 'removed' | 'operator';

export interface AgentKeyRow extends Record<string, unknown> {
  id: string;
  host_id: string;
  key_sealed: Buffer;
  made_at: number;
  first_seen_at: number | null;
  last_seen_at: number | null;
  revoked_at: number | null;
  revoked_for: RevokedFor | null;
}

export function findKey(on: Knex, id: string): Promise<AgentKeyRow | undefined> {
  return on('agent_keys').where({ id }).first();
}

/** The newest key of a host that counts and has not been used yet. */
export function findWaiting(on: Knex, hostId: string): Promise<AgentKeyRow | undefined> {
  return on('agent_keys')
    .where({ host_id: hostId })
    .whereNull('revoked_at')
    .whereNull('first_seen_at')
    .orderBy('id', 'desc')
    .first();
}

export async function insertKey(
  tx: Tx,
  row: Pick<AgentKeyRow, 'id' | 'host_id' | 'key_sealed' | 'made_at'>,
): Promise<void> {
  await tx('agent_keys').insert(row);
}

export async function touchKey(tx: Tx, id: string, at: number): Promise<void> {
  await tx('agent_keys')
    .where({ id })
    .update({ last_seen_at: at, first_seen_at: tx.raw('coalesce(first_seen_at, ?)', [at]) });
}

export async function revokeKeys(
  tx: Tx,
  which: { id: string } | { hostId: string; before?: string },
  { at, why }: { at: number; why: RevokedFor },
): Promise<number> {
  const query = tx('agent_keys').whereNull('revoked_at');
  if ('id' in which) query.where({ id: which.id });
  else query.where({ host_id: which.hostId });
  if ('before' in which && which.before !== undefined) query.where('id', '<', which.before);
  return query.update({ revoked_at: at, revoked_for: why });
}

export function pageOfKeys(
  on: Knex,
  { hostId, current, ...page }: PageParams & { hostId?: string | undefined; current?: boolean | undefined },
): Promise<{ rows: AgentKeyRow[]; next?: string }> {
  const query = on('agent_keys').select('*');
  if (hostId !== undefined) query.where({ host_id: hostId });
  if (current === true) query.whereNull('revoked_at');
  if (current === false) query.whereNotNull('revoked_at');
  return pageBy<AgentKeyRow>(query, { ...page, key: 'id', descending: true });
}
