import type { Database, Tx } from '../../../db/database.ts';
import type { HostRunRow, RunRow } from '../rows.ts';
import { dueRuns } from './dueRuns.ts';
import type { HostAttempt, Orders } from './exchange.ts';
import { slice } from './lockedRun.ts';

/** A host of a run as far as it matters who works on it. */
export type HeldRow = Pick<HostRunRow, 'ordinal' | 'attempt' | 'zone_id' | 'worker' | 'lease_owner'>;

/** What the gateway of zone workers asks of the runs, beside their claims. */
export interface ZoneWork {
  /** Runs with hosts of this zone that are to be started, or asked what became of them. */
  runsOf(zoneId: string): Promise<string[]>;
  orders(runIds: readonly string[]): Promise<Map<string, Pick<Orders, 'control' | 'graceMs'>>>;
  /** By ordinal; absent are those that the run does not have. */
  rows(runId: string, ordinals: readonly number[]): Promise<Map<number, HeldRow>>;
  /** Of these earlier attempts, those that this owner began, as `ordinal.attempt`. */
  begunBefore(runId: string, owner: string, attempts: readonly HostAttempt[]): Promise<Set<string>>;
  /** Bytes of output that are stored for the run. */
  outputBytes(runId: string): Promise<number>;
  /** Whether this owner holds any host of the run. */
  holds(runId: string, owner: string): Promise<boolean>;
  /** Hosts that each owner holds by a lease that lives. */
  leases(): Promise<Map<string, number>>;
  /** Ends all leases of owners whose name begins so. */
  endLeases(tx: Tx, ownerPrefix: string): Promise<void>;
}

const mostRuns = 200;

export function createZoneWork(db: Database): ZoneWork {
  return {
    async runsOf(zoneId) {
      const pending: { id: string }[] = await db
        .knex('runs')
        .whereIn('state', ['queued', 'running'])
        .whereExists(
          db
            .knex('run_hosts')
            .select(db.knex.raw('1'))
            .whereRaw('run_hosts.run_id = runs.id')
            .where({ zone_id: zoneId, 'run_hosts.state': 'pending' }),
        )
        .orderBy('id')
        .limit(mostRuns)
        .select('id');
      const now = await db.now(db.knex);
      const due = await dueRuns(db.knex, 'probe_at', now, (hosts) =>
        hosts.where({ zone_id: zoneId }).whereNull('lease_until'),
      );
      return [...new Set([...pending.map(({ id }) => id), ...due])];
    },

    async orders(runIds) {
      const rows: Pick<RunRow, 'id' | 'control' | 'grace_ms'>[] = await db
        .knex('runs')
        .whereIn('id', [...runIds])
        .select('id', 'control', 'grace_ms');
      return new Map(rows.map(({ id, control, grace_ms }) => [id, { control, graceMs: grace_ms }]));
    },

    async rows(runId, ordinals) {
      const found = new Map<number, HeldRow>();
      for (let i = 0; i < ordinals.length; i += slice) {
        const rows: HeldRow[] = await db
          .knex('run_hosts')
          .where({ run_id: runId })
          .whereIn('ordinal', ordinals.slice(i, i + slice))
          .select('ordinal', 'attempt', 'zone_id', 'worker', 'lease_owner');
        for (const row of rows) found.set(row.ordinal, row);
      }
      return found;
    },

    async begunBefore(runId, owner, attempts) {
      const ordinals = [...new Set(attempts.map(({ ordinal }) => ordinal))];
      const found = new Set<string>();
      for (let i = 0; i < ordinals.length; i += slice) {
        const rows: HostAttempt[] = await db
          .knex('run_attempts')
          .where({ run_id: runId, worker: owner })
          .whereIn('ordinal', ordinals.slice(i, i + slice))
          .select('ordinal', 'attempt');
        for (const { ordinal, attempt } of rows) found.add(`${ordinal}.${attempt}`);
      }
      return found;
    },

    async outputBytes(runId) {
      const row: Pick<RunRow, 'output_bytes'> | undefined = await db
        .knex('runs')
        .where({ id: runId })
        .first('output_bytes');
      return Number(row?.output_bytes ?? 0);
    },

    async holds(runId, owner) {
      const row = await db.knex('run_hosts').where({ run_id: runId, lease_owner: owner }).first('ordinal');
      return row !== undefined;
    },

    async leases() {
      const rows: { lease_owner: string; hosts: number }[] = await db
        .knex('run_hosts')
        .where('lease_until', '>', await db.now(db.knex))
        .select('lease_owner')
        .count({ hosts: '*' })
        .groupBy('lease_owner');
      return new Map(rows.map(({ lease_owner, hosts }) => [lease_owner, Number(hosts)]));
    },

    async endLeases(tx, ownerPrefix) {
      await tx('run_hosts')
        .whereNotNull('lease_until')
        .whereBetween('lease_owner', [ownerPrefix, `${ownerPrefix}\u{10ffff}`])
        .update({ lease_until: 0 });
    },
  };
}
