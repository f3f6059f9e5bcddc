import { finalRunStates, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import { type LockedRun, lockRun } from '../claims/lockedRun.ts';

/** How long things are kept; null: for ever. */
export interface RetentionPolicy {
  keepRunsMs: number | null;
  keepOutputMs: number | null;
  /** Output of all runs together, as it lies in the database. */
  keepOutputBytes: number | null;
}

/** What one transaction took away. Its rows are still there, and nobody sees them any more. */
export interface Marked {
  runs: number;
  outputs: number;
  /** Of the runs and outputs taken away, as they lay in the database. */
  bytes: number;
  /** The latest end of a run among them, in UTC milliseconds. */
  upTo: number | null;
}

/** Runs of one transaction, for each reason: it stays short. */
const atATime = 100;

interface Candidate {
  id: string;
  output_stored: number;
}

/** Takes away what the policy no longer keeps, oldest first, up to a few runs. `now` is the database's clock. */
export async function markOld(tx: Tx, policy: RetentionPolicy, now: number): Promise<Marked> {
  const marked: Marked = { runs: 0, outputs: 0, bytes: 0, upTo: null };
  const { keepRunsMs, keepOutputMs, keepOutputBytes } = policy;
  if (keepRunsMs !== null) {
    const old = await finished(tx).where('ended_at', '<', now - keepRunsMs);
    for (const run of await locked(tx, old)) await removeRun(tx, run, now, marked);
  }
  if (keepOutputMs !== null) {
    const old = await withOutput(tx).where('ended_at', '<', now - keepOutputMs);
    for (const run of await locked(tx, old)) await removeOutput(tx, run, now, marked);
  }
  if (keepOutputBytes !== null) {
    const total = await tx('runs').sum({ bytes: 'output_stored' }).first();
    const surplus = Number(total?.bytes ?? 0) - keepOutputBytes;
    for (const run of await locked(tx, await oldestOf(tx, surplus))) await removeOutput(tx, run, now, marked);
  }
  return marked;
}

/** The oldest finished runs. */
const finished = (on: Knex): Knex.QueryBuilder<object, Candidate[]> =>
  on('runs')
    .whereIn('state', [...finalRunStates])
    .whereNotNull('ended_at')
    .orderBy([{ column: 'ended_at' }, { column: 'id' }])
    .limit(atATime)
    .select('id', 'output_stored');

const withOutput = (on: Knex) => finished(on).where('output_stored', '>', 0);

/** The oldest runs whose output takes so many bytes together. */
async function oldestOf(on: Knex, bytes: number): Promise<Candidate[]> {
  if (bytes <= 0) return [];
  let taken = 0;
  const oldest = await withOutput(on);
  return oldest.filter(({ output_stored }) => {
    const wanted = taken < bytes;
    taken += output_stored;
    return wanted;
  });
}

/** Locks these runs, without those that are gone, have gone on, or have a lost host that is just being asked. */
async function locked(tx: Tx, candidates: Candidate[]): Promise<LockedRun[]> {
  const runs: LockedRun[] = [];
  for (const { id } of candidates) {
    const run = await lockRun(tx, id).catch((error) => {
      if (error instanceof OmError && error.code === 'NOT_FOUND') return null;
      throw error;
    });
    if (run && finalRunStates.has(run.row.state)) runs.push(run);
  }
  if (runs.length === 0) return [];
  // Leases are few, and found by their own index; none of these runs can get one now.
  const rows: { run_id: string }[] = await tx('run_hosts').where('lease_until', '>=', 0).select('run_id');
  const leased = new Set(rows.map(({ run_id }) => run_id));
  return runs.filter(({ row }) => !leased.has(row.id));
}

async function removeRun(tx: Tx, run: LockedRun, now: number, marked: Marked): Promise<void> {
  await leaveToPurge(tx, run, 'run', now);
  await tx('runs').where({ id: run.row.id }).delete();
  marked.runs++;
  count(run, marked);
}

async function removeOutput(tx: Tx, run: LockedRun, now: number, marked: Marked): Promise<void> {
  await leaveToPurge(tx, run, 'output', now);
  await tx('runs').where({ id: run.row.id }).update({
    output_bytes: 0,
    output_stored: 0,
    output_removed_at: now,
    // Attempts that end later have a later revision: a retry brings output again.
    output_removed_revision: run.row.revision,
  });
  marked.outputs++;
  count(run, marked);
}

async function leaveToPurge(tx: Tx, { row }: LockedRun, kind: 'run' | 'output', at: number): Promise<void> {
  await tx('run_removals')
    .insert({ run_id: row.id, kind, plan_id: row.plan_id, revision: row.revision, at })
    .onConflict('run_id')
    .merge();
}

function count({ row }: LockedRun, marked: Marked): void {
  marked.bytes += row.output_stored;
  marked.upTo = Math.max(marked.upTo ?? 0, row.ended_at ?? 0);
}
