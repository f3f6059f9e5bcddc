import type { Contact, HostState, LastRun } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso } from '../../../db/page.ts';
import type { HostRunRow } from '../rows.ts';

/** The newest runs of a host, as the expressions below found them. */
export interface NewestRuns {
  readonly hostId: string;
  readonly last: string | null;
  readonly contact: string | null;
}

const notOk: readonly HostState[] = ['failed', 'unreachable', 'timed_out', 'aborted', 'lost', 'not_started'];

/** Something was heard of the host, or in vain asked. */
const heard = "(rh.state = 'unreachable' or rh.started_at is not null)";

/**
 * What runs tell of hosts, as SQL expressions over a column with the host's id. Nothing is kept for them: ids of runs
 * follow time, so that one look at the index (host_id, run_id) finds the newest, however many there are.
 */
export const newestSql = {
  last: (hostId: string) => `(select max(rh.run_id) from run_hosts rh where rh.host_id = ${hostId})`,
  contact: (hostId: string) => newest('rh.run_id', hostId, heard),
  unreachable: (hostId: string) => `${newest('rh.state', hostId, heard)} = 'unreachable'`,
  notOk: (hostId: string) => `${newest('rh.state', hostId)} in (${notOk.map((state) => `'${state}'`).join(', ')})`,
  neverRan: (hostId: string) => `not exists (select 1 from run_hosts rh where rh.host_id = ${hostId})`,
} as const;

function newest(column: string, hostId: string, condition?: string): string {
  const where = `rh.host_id = ${hostId}${condition === undefined ? '' : ` and ${condition}`}`;
  return `(select ${column} from run_hosts rh where ${where} order by rh.run_id desc limit 1)`;
}

interface LastRow extends HostRunRow {
  number: number;
  summary: string;
  run_created_at: number;
}

/** By host id: its last run and its last contact. A run that retention has just removed is none. */
export async function describeNewest(
  on: Knex,
  hosts: readonly NewestRuns[],
): Promise<Map<string, { lastRun: LastRun | null; contact: Contact | null }>> {
  const pairs = hosts.flatMap(({ hostId, last, contact }) =>
    [...new Set([last, contact])].flatMap((run) => (run === null ? [] : [[hostId, run]])),
  );
  const rows = new Map<string, LastRow>();
  for (let i = 0; i < pairs.length; i += pairsAtOnce) {
    const found: LastRow[] = await on({ rh: 'run_hosts' })
      .join({ r: 'runs' }, 'r.id', 'rh.run_id')
      .join({ p: 'plans' }, 'p.id', 'r.plan_id')
      .whereIn(['rh.host_id', 'rh.run_id'], pairs.slice(i, i + pairsAtOnce))
      .select('rh.*', 'r.number', 'p.summary', { run_created_at: 'r.created_at' });
    for (const row of found) rows.set(`${row.host_id} ${row.run_id}`, row);
  }
  return new Map(
    hosts.map(({ hostId, last, contact }) => {
      const lastRow = rows.get(`${hostId} ${last}`);
      const contactRow = rows.get(`${hostId} ${contact}`);
      return [
        hostId,
        { lastRun: lastRow ? toLastRun(lastRow) : null, contact: contactRow ? toContact(contactRow) : null },
      ];
    }),
  );
}

const pairsAtOnce = 200;

function toLastRun(row: LastRow): LastRun {
  const { module } = JSON.parse(row.summary);
  return {
    runId: row.run_id,
    number: row.number,
    ordinal: row.ordinal,
    attempt: row.attempt,
    module: { id: module.id, title: module.title },
    state: row.state,
    exitCode: row.exit_code,
    at: timeOf(row),
  };
}

function toContact(row: LastRow): Contact {
  const unreachable = row.state === 'unreachable';
  return { state: unreachable ? 'unreachable' : 'ok', reason: unreachable ? row.reason : null, at: timeOf(row) };
}

function timeOf(row: LastRow): string {
  return iso(row.ended_at ?? row.started_at ?? row.run_created_at);
}
