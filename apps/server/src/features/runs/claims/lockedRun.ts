import { type HostState, OmError } from '@omanager/contract';
import type { Tx } from '../../../db/database.ts';
import { type Decision, decide, type Room } from '../decide/decide.ts';
import { countMove, type Progress, readProgress, waveRange, writeProgress } from '../decide/progress.ts';
import { mayMove, moveCounts } from '../decide/states.ts';
import type { HostRunRow, RunRow } from '../rows.ts';

/** Rows named in one statement: SQLite and MySQL both take more, and locks stay short. */
export const slice = 500;

/** A run whose row this transaction holds; its counters are written back by `settle`. */
export interface LockedRun {
  row: RunRow;
  progress: Progress;
}

/** A host as far as the counters care. */
export type CountedHost = Pick<HostRunRow, 'ordinal' | 'zone_id'>;

export const noLease = { lease_owner: null, lease_until: null };
export const noProbe = { probe_at: null, probe_ask: null };

/** The only lock: raises the revision first, so that everything else about the run waits for this transaction. */
export async function lockRun(tx: Tx, runId: string): Promise<LockedRun> {
  const found = await tx('runs').where({ id: runId }).increment('revision', 1);
  const row: RunRow | undefined = found ? await tx('runs').where({ id: runId }).first() : undefined;
  if (!row) throw new OmError('NOT_FOUND', 'There is no such run.');
  return { row, progress: readProgress(row) };
}

export function decideFor(row: RunRow, progress: Progress, now: number, room: Room): Decision {
  return decide({ ...progress, control: row.control, now, room });
}

/** Asks `decide`, carries it out and writes the run's row. */
export async function settle(tx: Tx, run: LockedRun, now: number): Promise<void> {
  const { row, progress } = run;
  // What other runs use limits new starts only, so that it does not matter here.
  const decision = decideFor(row, progress, now, {});
  if (decision.dropPending) await dropPending(tx, run, now);
  progress.opened = decision.opened;
  row.control = decision.control;
  row.stop_reason = decision.stopReason ?? row.stop_reason;
  const columns = writeProgress(progress);
  const over = progress.waves.every(({ counts }) => counts.pending === 0) && columns.busy === 0;
  row.state = decision.state;
  await tx('runs')
    .where({ id: row.id })
    .update({
      ...columns,
      state: row.state,
      control: row.control,
      stop_reason: row.stop_reason,
      started_at: row.started_at ?? (decision.state === 'queued' ? null : now),
      ended_at: over ? (row.ended_at ?? now) : null,
    });
}

async function dropPending(tx: Tx, { row, progress }: LockedRun, now: number): Promise<void> {
  await tx('run_hosts')
    .where({ run_id: row.id, state: 'pending' })
    .update({ state: 'not_started', revision: row.revision, ended_at: now });
  for (const { counts } of progress.waves) moveCounts(counts, 'pending', 'not_started', counts.pending);
}

/** Moves hosts that this transaction has read in the state `from`. */
export async function move(
  tx: Tx,
  run: LockedRun,
  hosts: readonly CountedHost[],
  from: HostState,
  to: HostState,
  extra: object,
): Promise<void> {
  if (!mayMove(from, to)) throw new Error(`a host run never goes from ${from} to ${to}`);
  for (let i = 0; i < hosts.length; i += slice) {
    const part = hosts.slice(i, i + slice);
    const changed = await tx('run_hosts')
      .where({ run_id: run.row.id, state: from })
      .whereIn(
        'ordinal',
        part.map(({ ordinal }) => ordinal),
      )
      .update({ ...extra, state: to, revision: run.row.revision });
    // All changes happen under the run's lock: what was read in it cannot have changed.
    if (changed !== part.length)
      throw new Error(`${part.length} hosts were ${from}, ${changed} of them could be moved`);
    for (const host of part) countMove(run.progress, host, from, to);
  }
}

/** The ordinals of a wave, from the first to before the last. */
export function ordinalsOf({ progress }: LockedRun, wave: number): [from: number, to: number] {
  const { from, to } = waveRange(progress.waves, wave);
  return [from, to - 1];
}
