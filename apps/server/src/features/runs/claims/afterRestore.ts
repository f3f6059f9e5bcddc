import type { Tx } from '../../../db/database.ts';
import { moveCounts } from '../decide/states.ts';
import { lockRun, noLease, settle } from './lockedRun.ts';

const open = ['queued', 'running', 'pausing', 'paused', 'stopping'];
const unsure = ['pending', 'connecting', 'running'] as const;

/**
 * Ends the runs that were under way when a backup was made. What their servers did afterwards is not known, so they
 * are `lost`, also those still pending then: going on from the backup could run a command a second time. Returns how
 * many runs there were.
 */
export async function endRunsOfBackup(tx: Tx, backupAt: number): Promise<number> {
  const now = Date.now();
  const message = `Restored from a backup of ${new Date(backupAt).toISOString()}: what happened on this server afterwards is not known.`;
  const runs: { id: string }[] = await tx('runs').whereIn('state', open).select('id');
  for (const { id } of runs) {
    const run = await lockRun(tx, id);
    await tx('run_hosts')
      .where({ run_id: id })
      .whereIn('state', [...unsure])
      .update({ ...noLease, state: 'lost', message, ended_at: now, revision: run.row.revision });
    for (const { counts } of run.progress.waves)
      for (const state of unsure) moveCounts(counts, state, 'lost', counts[state]);
    for (const zone of Object.keys(run.progress.busyIn)) run.progress.busyIn[zone] = 0;
    run.row.control = 'stop';
    await settle(tx, run, now);
  }
  return runs.length;
}
