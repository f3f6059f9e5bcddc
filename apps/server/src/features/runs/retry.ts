import type { HostState } from '@omanager/contract';
import type { Tx } from '../../db/database.ts';
import type { LockedRun } from './lockedRun.ts';
import { attemptColumns } from './rows.ts';
import { moveCounts } from './states.ts';

/** Puts hosts in these final states back to `pending` as a new attempt; what they had is kept. Returns how many. */
export async function beginRetry(
  tx: Tx,
  run: LockedRun,
  states: HostState[],
  hosts: number[] | undefined,
): Promise<number> {
  const chosen = () => {
    const query = tx('run_hosts').where({ run_id: run.row.id }).whereIn('state', states);
    return hosts ? query.whereIn('ordinal', hosts) : query;
  };
  const groups: { state: HostState; n: number }[] = await chosen().groupBy('state').select('state').count({ n: '*' });
  const total = groups.reduce((sum, { n }) => sum + Number(n), 0);
  if (total === 0) return 0;
  await tx(tx.raw('?? (??)', ['run_attempts', [...attemptColumns]])).insert(chosen().select(...attemptColumns));
  for (const { state, n } of groups) moveCounts(run.counts, state, 'pending', Number(n));
  await chosen().update({
    state: 'pending',
    attempt: tx.raw('attempt + 1'),
    reason: null,
    message: null,
    exit_code: null,
    started_at: null,
    ended_at: null,
    stdout_bytes: 0,
    stderr_bytes: 0,
    discarded_bytes: 0,
    fold: null,
    survivors: null,
    revision: run.row.revision,
  });
  return total;
}
