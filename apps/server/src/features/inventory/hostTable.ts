import {
  type HostFilter,
  type HostSort,
  type HostSummary,
  type HostTree,
  type HostTrust,
  type ParamsOf,
  parseSelector,
  type ResultOf,
} from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import { countTree } from './groupStore.ts';
import { type HostKeyRow, keysAt } from './hostKeyStore.ts';
import type { HostRow } from './hostStore.ts';
import type { Hosts } from './hosts.ts';
import { selectorSql } from './selectorSql.ts';
import type { Fragment } from './sql.ts';
import { endpointKey, type RunHistory } from './types.ts';

export interface HostTable {
  page(params: ParamsOf<'hosts.table'>): Promise<ResultOf<'hosts.table'>>;
  summary(selector: string): Promise<HostSummary>;
  tree(): Promise<HostTree>;
}

interface TableRow extends HostRow {
  last_run: string | null;
  contact_run: string | null;
}

const ungrouped = 'not exists (select 1 from host_group_members m where m.host_id = hosts.id)';

/** Servers as a table shows them: any part of it, sorted, with what runs last told. */
export function createHostTable({
  db,
  hosts,
  history,
}: {
  db: Database;
  hosts: Pick<Hosts, 'describe'>;
  history: RunHistory;
}): HostTable {
  const conditionOf: Readonly<Record<HostFilter, string>> = {
    unreachable: history.sql.unreachable('hosts.id'),
    not_ok: history.sql.notOk('hosts.id'),
    never_ran: history.sql.neverRan('hosts.id'),
    ungrouped,
  };
  const orderOf: Readonly<Record<HostSort, string>> = {
    name: 'hosts.name',
    address: 'hosts.address',
    zone: '(select z.name from zones z where z.id = hosts.zone_id)',
    environment: 'hosts.environment',
    contact: `case when ${conditionOf.unreachable} then 1 else 0 end`,
    last_run: history.sql.last('hosts.id'),
  };
  const whereOf = (selector: string) => selectorSql(parseSelector(selector), db.kind);
  const matching = (where: Fragment) => db.knex('hosts').whereRaw(where.sql, where.bindings);

  return {
    async page({ selector, only, sort, descending, offset, limit }) {
      const where = whereOf(selector);
      const query = () => (only === undefined ? matching(where) : matching(where).whereRaw(conditionOf[only]));
      const found = await query().count({ n: '*' }).first();
      const direction = descending ? 'desc' : 'asc';
      const ordered: TableRow[] = await query()
        .select('hosts.*')
        .orderByRaw(`${orderOf[sort]} ${direction}, hosts.name ${direction}`)
        .limit(limit)
        .offset(offset);
      return { total: Number(found?.n ?? 0), items: await describe(db.knex, await withRuns(ordered)) };
    },

    async summary(selector) {
      const where = whereOf(selector);
      const sum = (condition: string) => db.knex.raw(`coalesce(sum(case when ${condition} then 1 else 0 end), 0)`);
      const row: Record<string, number> | undefined = await matching(where).first({
        total: db.knex.raw('count(*)'),
        unreachable: sum(conditionOf.unreachable),
        notOk: sum(conditionOf.not_ok),
        neverRan: sum(conditionOf.never_ran),
        ungrouped: sum(ungrouped),
      });
      const count = (name: string) => Number(row?.[name] ?? 0);
      return {
        total: count('total'),
        unreachable: count('unreachable'),
        notOk: count('notOk'),
        neverRan: count('neverRan'),
        ungrouped: count('ungrouped'),
      };
    },

    async tree() {
      const counted: { environment: string; hosts: number; alone: number }[] = await db
        .knex('hosts')
        .select('environment')
        .select({
          hosts: db.knex.raw('count(*)'),
          alone: db.knex.raw(`coalesce(sum(case when ${ungrouped} then 1 else 0 end), 0)`),
        })
        .groupBy('environment')
        .orderBy('environment');
      const groups = Map.groupBy(await countTree(db.knex), (row) => row.environment);
      return {
        total: counted.reduce((sum, row) => sum + Number(row.hosts), 0),
        ungrouped: counted.reduce((sum, row) => sum + Number(row.alone), 0),
        environments: counted.map(({ environment, hosts }) => ({
          name: environment,
          hosts: Number(hosts),
          groups: (groups.get(environment) ?? []).map(({ path, hosts }) => ({ path, hosts })),
        })),
      };
    },
  };

  /** Asked for the page alone: sorted with the rest, it would be worked out for every server. */
  async function withRuns(rows: readonly HostRow[]): Promise<TableRow[]> {
    const newest: Pick<TableRow, 'id' | 'last_run' | 'contact_run'>[] = await db
      .knex('hosts')
      .whereIn(
        'id',
        rows.map((row) => row.id),
      )
      .select('id', {
        last_run: db.knex.raw(history.sql.last('hosts.id')),
        contact_run: db.knex.raw(history.sql.contact('hosts.id')),
      });
    const byId = new Map(newest.map((row) => [row.id, row]));
    return rows.map((row) => ({ ...row, last_run: null, contact_run: null, ...byId.get(row.id) }));
  }

  async function describe(on: Knex, rows: readonly TableRow[]): Promise<ResultOf<'hosts.table'>['items']> {
    const drafts = await hosts.describe(on, rows);
    const endpoint = (row: HostRow) => ({ zoneId: row.zone_id, address: row.address, port: row.port });
    const keys = await keysAt(on, rows.map(endpoint));
    const newest = await history.describe(
      on,
      rows.map((row) => ({ hostId: row.id, last: row.last_run, contact: row.contact_run })),
    );
    return rows.flatMap((row, i) => {
      const host = drafts[i];
      if (!host) return [];
      const hostKey = trustIn(keys.get(endpointKey(endpoint(row))) ?? []);
      return [{ ...host, hostKey, ...(newest.get(row.id) ?? { lastRun: null, contact: null }) }];
    });
  }
}

/** The worst that is known, because it is what somebody should look at. */
function trustIn(keys: readonly HostKeyRow[]): HostTrust {
  if (keys.some((key) => key.state === 'pending' && key.changed)) return 'changed';
  for (const state of ['trusted', 'pending', 'revoked'] as const)
    if (keys.some((key) => key.state === state)) return state;
  return 'none';
}
