import { finalHostStates } from '@omanager/contract';
import type { Tx } from '../../../db/database.ts';
import { countMove } from '../decide/progress.ts';
import { mayMove } from '../decide/states.ts';
import type { NewChunk } from '../output/output.ts';
import type { HostAttempt, HostResult } from './exchange.ts';
import { heldBy } from './held.ts';
import { type LockedRun, noLease, slice } from './lockedRun.ts';
import { planProbes } from './probes.ts';

/** A connection that broke may come back at once. */
const firstProbeMs = 2000;

/** Writes the results that this owner still answers for, by a lease that was not taken back; the others are kept as evidence. */
export async function acceptResults(
  tx: Tx,
  run: LockedRun,
  owner: string,
  results: HostResult[],
  now: number,
): Promise<Set<number>> {
  const accepted = new Set<number>();
  const late: HostResult[] = [];
  const lost: { ordinal: number }[] = [];
  const held = await heldBy(tx, run, owner, results);
  for (const result of results) {
    const row = held.get(result.ordinal);
    // A lost host that the same owner probes is held, too; only a probe may say what became of it.
    const open = row?.state === 'connecting' || row?.state === 'running';
    if (!row || !open || row.attempt !== result.attempt || !mayMove(row.state, result.state)) {
      late.push(result);
      continue;
    }
    await tx('run_hosts')
      .where({ run_id: run.row.id, ordinal: result.ordinal })
      .update({
        ...noLease,
        state: result.state,
        reason: result.reason ?? null,
        message: result.message ?? null,
        exit_code: result.exitCode ?? null,
        ended_at: result.state === 'pending' ? null : now,
        stdout_bytes: result.stdoutBytes ?? 0,
        stderr_bytes: result.stderrBytes ?? 0,
        discarded_bytes: result.discardedBytes ?? 0,
        discarded_for: result.discardedFor ?? null,
        filtered_lines: result.filteredLines ?? 0,
        fold: result.fold ?? null,
        fold_masked: result.foldMasked ?? null,
        survivors: result.survivors?.length ? JSON.stringify(result.survivors) : null,
        revision: run.row.revision,
      });
    countMove(run.progress, row, row.state, result.state);
    accepted.add(result.ordinal);
    if (result.state === 'lost') lost.push(row);
  }
  await planProbes(tx, run, lost, { at: now + firstProbeMs, ask: 'look' });
  await keepEvidence(tx, run, owner, late, now);
  return accepted;
}

/**
 * Keeps what came too late from the worker that had begun the attempt. It changes nothing: the host is asked itself,
 * at once, since somebody knows that the script has ended.
 */
async function keepEvidence(tx: Tx, run: LockedRun, owner: string, late: HostResult[], now: number): Promise<void> {
  for (const { ordinal, attempt, state, exitCode, message } of late) {
    if (!finalHostStates.has(state) || state === 'not_started') continue;
    const where = { run_id: run.row.id, ordinal, attempt, worker: owner };
    const current = await tx('run_hosts').where(where).first('ordinal', 'state');
    if (!current && !(await tx('run_attempts').where(where).first('ordinal'))) continue;
    // A report that was sent again changes nothing and is no evidence of anything.
    if (current && current.state === state) continue;
    await tx('run_late_results')
      .insert({ ...where, at: now, state, exit_code: exitCode ?? null, message: message ?? null })
      .onConflict(['run_id', 'ordinal', 'attempt', 'worker'])
      .ignore();
    if (current?.state === 'lost') await planProbes(tx, run, [{ ordinal }], { at: now, ask: 'look' });
  }
}

/** Output of attempts that this owner has begun; what a lease that has ended still brings is evidence, too. */
export async function ownChunks(tx: Tx, runId: string, owner: string, chunks: NewChunk[]): Promise<NewChunk[]> {
  if (chunks.length === 0) return chunks;
  const ordinals = [...new Set(chunks.map(({ ordinal }) => ordinal))];
  const own = new Set<string>();
  for (const table of ['run_hosts', 'run_attempts']) {
    const missing = chunks.some(({ ordinal, attempt }) => !own.has(`${ordinal} ${attempt}`));
    for (let i = 0; missing && i < ordinals.length; i += slice) {
      const rows: HostAttempt[] = await tx(table)
        .where({ run_id: runId, worker: owner })
        .whereIn('ordinal', ordinals.slice(i, i + slice))
        .select('ordinal', 'attempt');
      for (const { ordinal, attempt } of rows) own.add(`${ordinal} ${attempt}`);
    }
  }
  return chunks.filter(({ ordinal, attempt }) => own.has(`${ordinal} ${attempt}`));
}
