import type { Tx } from '../../db/database.ts';
import { lockRun, settle } from './lockedRun.ts';
import { moveCounts } from './states.ts';

const open = ['pending', 'connecting', 'running'] as const;

/**
 * Ends the runs that were under way when a backup was made. What their servers did afterwards is not known, so they
 * are `lost`, also those still pending then: going on from the backup could run a command a second time. Returns how
 * many runs there were.
 */
export async function endRunsOfBackup(tx: Tx, backupAt: number): Promise<number> {
  const now = Date.now();
  const message = `Restored from a backup of ${new Date(backupAt).toISOString()}: what happened on this server afterwards is not known.`;
  const runs: { id: string }[] = await tx('runs').whereIn('state', ['queued', 'running', 'stopping']).select('id');
  for (const { id } of runs) {
    const run = await lockRun(tx, id);
    for (const state of open) {
      const changed = await tx('run_hosts').where({ run_id: id, state }).update({
        state: 'lost',
        message,
        ended_at: now,
        lease_owner: null,
        lease_until: null,
        revision: run.row.revision,
      });
      moveCounts(run.counts, state, 'lost', changed);
    }
    await settle(tx, run, now);
  }
  return runs.length;
}
