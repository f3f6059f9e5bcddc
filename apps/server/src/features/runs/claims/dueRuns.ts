import type { Knex } from 'knex';

/** So many hosts are looked at: the rest of a great crowd is found the next time. */
const mostHosts = 10_000;
const mostRuns = 100;

/**
 * Runs with a host whose `lease_until` or `probe_at` has come, read from the index of that column: of a plain DISTINCT
 * SQLite makes a walk over every host that ever ran. `only` narrows the hosts.
 */
export async function dueRuns(
  knex: Knex,
  column: 'lease_until' | 'probe_at',
  now: number,
  only: Knex.QueryCallback = () => undefined,
): Promise<string[]> {
  const due = knex('run_hosts').where(column, '<=', now).modify(only).orderBy(column).limit(mostHosts).select('run_id');
  const rows: { run_id: string }[] = await knex.distinct('run_id').from(due.as('due')).limit(mostRuns);
  return rows.map(({ run_id }) => run_id);
}
