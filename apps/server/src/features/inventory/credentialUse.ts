import type { Knex } from 'knex';

/** What the vault asks before it shows or removes a credential. */
export async function countHosts(on: Knex, credentialIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows: { credential_id: string; n: number }[] = await on('hosts')
    .select('credential_id')
    .count({ n: '*' })
    .whereIn('credential_id', [...credentialIds])
    .groupBy('credential_id');
  return new Map(rows.map(({ credential_id, n }) => [credential_id, Number(n)]));
}

/** Names of at most `limit` hosts that use it, sorted. */
export async function hostNames(on: Knex, credentialId: string, limit: number): Promise<string[]> {
  const rows: { name: string }[] = await on('hosts')
    .select('name')
    .where({ credential_id: credentialId })
    .orderBy('name')
    .limit(limit);
  return rows.map(({ name }) => name);
}
