import { type Counts, type HostState, OmError } from '@omanager/contract';
import type { Tx } from '../../db/database.ts';
import { decide } from './decide.ts';
import type { RunRow } from './rows.ts';
import { mayMove, moveCounts } from './states.ts';

/** Rows named in one statement: SQLite and MySQL both take more, and locks stay short. */
export const slice = 500;

/** A run whose row this transaction holds; counters are written back by `settle`. */
export interface LockedRun {
  row: RunRow;
  counts: Counts;
}

export const noLease = { lease_owner: null, lease_until: null };

/** The only lock: raises the revision first, so that everything else about the run waits for this transaction. */
export async function lockRun(tx: Tx, runId: string): Promise<LockedRun> {
  const found = await tx('runs').where({ id: runId }).increment('revision', 1);
  const row: RunRow | undefined = found ? await tx('runs').where({ id: runId }).first() : undefined;
  if (!row) throw new OmError('NOT_FOUND', 'There is no such run.');
  return { row, counts: JSON.parse(row.counts) };
}

/** Asks `decide`, carries it out and writes the run's row. */
export async function settle(tx: Tx, run: LockedRun, now: number): Promise<void> {
  const { row, counts } = run;
  const decision = decide({ total: row.total, parallel: row.parallel, counts, control: row.control });
  if (decision.dropPending) {
    await tx('run_hosts')
      .where({ run_id: row.id, state: 'pending' })
      .update({ state: 'not_started', revision: row.revision, ended_at: now });
    moveCounts(counts, 'pending', 'not_started', counts.pending);
  }
  const over = counts.pending + counts.connecting + counts.running === 0;
  await tx('runs')
    .where({ id: row.id })
    .update({
      counts: JSON.stringify(counts),
      state: decision.state,
      started_at: row.started_at ?? (decision.state === 'queued' ? null : now),
      ended_at: over ? (row.ended_at ?? now) : null,
    });
}

/** Moves hosts that are still in `from`; the counters follow what really changed. */
export async function move(
  tx: Tx,
  run: LockedRun,
  ordinals: number[],
  from: HostState,
  to: HostState,
  extra: object,
): Promise<void> {
  if (!mayMove(from, to)) throw new Error(`a host run never goes from ${from} to ${to}`);
  for (let i = 0; i < ordinals.length; i += slice) {
    const changed = await tx('run_hosts')
      .where({ run_id: run.row.id, state: from })
      .whereIn('ordinal', ordinals.slice(i, i + slice))
      .update({ ...extra, state: to, revision: run.row.revision });
    moveCounts(run.counts, from, to, changed);
  }
}
