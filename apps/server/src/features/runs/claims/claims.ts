import { OmError } from '@omanager/contract';
import type { Database, Tx } from '../../../db/database.ts';
import { roomFor } from '../decide/limits.ts';
import { readProgress } from '../decide/progress.ts';
import { insertOutput } from '../output/output.ts';
import type { RunRow } from '../rows.ts';
import { dueRuns } from './dueRuns.ts';
import type { ClaimedHost, Exchange, Exchanged, Orders, WorkerScope } from './exchange.ts';
import { decideFor, type LockedRun, lockRun, settle, slice } from './lockedRun.ts';
import { acceptProbes, claimProbes } from './probes.ts';
import { acceptResults, ownChunks } from './results.ts';
import { begin, claimHosts, takeBackEnded } from './shards.ts';

/** What a worker may do with a run. Every operation is one transaction that begins by locking the run's row. */
export interface Claims {
  exchange(runId: string, worker: WorkerScope, asked: Exchange): Promise<Exchanged>;
  /** Extends the leases of these hosts, as far as they were not taken back. */
  renew(runId: string, owner: string, ordinals: number[]): Promise<void>;
  /** Runs that hold a host whose lease has ended. */
  expired(): Promise<string[]>;
  /** Takes ended leases back: `connecting` to `pending`, `running` to `lost`. Returns how many. */
  takeBack(runId: string): Promise<number>;
  /** Ends every lease now. Only for the one process that owns an embedded store, when it starts. */
  endAllLeases(): Promise<void>;
  /** Runs that have, or may get, something to do. */
  unfinished(): Promise<string[]>;
}

export interface ClaimOptions {
  leaseMs: number;
  /** Hosts that may be busy at once over all runs and processes; null: no limit. */
  maxBusy: number | null;
  /** What else holds once a module ended well on hosts, by the module's id; in the same transaction. */
  afterOk?: Readonly<Record<string, (tx: Tx, hostIds: string[]) => Promise<unknown>>> | undefined;
}

export function createClaims(db: Database, { leaseMs, maxBusy, afterOk = {} }: ClaimOptions): Claims {
  async function actAfterOk(tx: Tx, { row }: LockedRun): Promise<void> {
    const act = afterOk[row.module_id];
    if (!act) return;
    const where = { run_id: row.id, state: 'ok', revision: row.revision };
    const hostIds: string[] = await tx('run_hosts').where(where).pluck('host_id');
    if (hostIds.length > 0) await act(tx, hostIds);
  }

  return {
    async exchange(runId, worker, asked) {
      const { chunks, results, probed, begins, want } = asked;
      if (chunks.length + results.length + probed.length + begins.length === 0) {
        const idle = await nothingToClaim(db, runId, want, maxBusy);
        if (idle) return idle;
      }
      return db.transaction(async (tx) => {
        const run = await lockRun(tx, runId);
        const now = await db.now(tx);
        run.row.output_bytes += await insertOutput(tx, runId, await ownChunks(tx, runId, worker.owner, chunks), now);
        const accepted = await acceptResults(tx, run, worker.owner, results, now);
        await acceptProbes(tx, run, worker.owner, probed, now);
        if (results.length + probed.length > 0) await actAfterOk(tx, run);
        const begun = await begin(tx, run, worker.owner, begins, now, leaseMs);
        const claimed = await claim(run);
        await settle(tx, run, now);
        return { begun, accepted, claimed, ...ordersOf(run.row), changed: true };

        async function claim({ row, progress }: LockedRun): Promise<ClaimedHost[]> {
          if (want <= 0) return [];
          const lease = { lease_owner: worker.owner, lease_until: now + leaseMs };
          const decision = decideFor(row, progress, now, await roomFor(tx, row, progress, maxBusy));
          const hosts = await claimHosts(tx, run, { decision, want, zones: worker.zones, lease });
          return [...hosts, ...(await claimProbes(tx, run, { want: want - hosts.length, now, worker, lease }))];
        }
      });
    },

    async renew(runId, owner, ordinals) {
      const now = await db.now(db.knex);
      for (let i = 0; i < ordinals.length; i += slice) {
        await db
          .knex('run_hosts')
          .where({ run_id: runId, lease_owner: owner })
          .whereIn('ordinal', ordinals.slice(i, i + slice))
          .update({ lease_until: now + leaseMs });
      }
    },

    expired: async () => dueRuns(db.knex, 'lease_until', await db.now(db.knex)),

    async endAllLeases() {
      await db.knex('run_hosts').whereNotNull('lease_until').update({ lease_until: 0 });
    },

    async unfinished() {
      const rows: { id: string }[] = await db
        .knex('runs')
        .whereIn('state', ['queued', 'running', 'pausing', 'stopping'])
        .orderBy('id')
        .limit(1000)
        .select('id');
      const probes = await dueRuns(db.knex, 'probe_at', await db.now(db.knex));
      return [...new Set([...rows.map(({ id }) => id), ...probes])];
    },

    takeBack: (runId) =>
      db.transaction(async (tx) => {
        const run = await lockRun(tx, runId);
        const now = await db.now(tx);
        const ended = await takeBackEnded(tx, run, now);
        await settle(tx, run, now);
        return ended;
      }),
  };
}

/** A sweep finds most runs with nothing to claim: a look without the lock settles that. */
async function nothingToClaim(
  db: Database,
  runId: string,
  want: number,
  maxBusy: number | null,
): Promise<Exchanged | null> {
  const row: RunRow | undefined = await db.knex('runs').where({ id: runId }).first();
  if (!row) throw new OmError('NOT_FOUND', 'There is no such run.');
  const progress = readProgress(row);
  const now = await db.now(db.knex);
  const { release, dropPending, control, opened } = decideFor(
    row,
    progress,
    now,
    await roomFor(db.knex, row, progress, maxBusy),
  );
  const news = dropPending || control !== row.control || opened.wave !== progress.opened.wave;
  if (news || (want > 0 && (release > 0 || progress.probes > 0))) return null;
  return { begun: new Set(), accepted: new Set(), claimed: [], ...ordersOf(row), changed: false };
}

function ordersOf(row: RunRow): Orders {
  return { control: row.control, graceMs: row.grace_ms, forced: Boolean(row.forced), outputBytes: row.output_bytes };
}
