import type { HostState } from '@omanager/contract';
import type { Tx } from '../../../db/database.ts';
import { failuresOf } from '../decide/decide.ts';
import { countMove } from '../decide/progress.ts';
import { attemptColumns, type HostRunRow } from '../rows.ts';
import { type LockedRun, noLease, noProbe, slice } from './lockedRun.ts';

type Chosen = Pick<HostRunRow, 'ordinal' | 'state' | 'zone_id' | 'environment' | 'probe_at'>;

/** Puts hosts in these final states back to `pending` as a new attempt; what they had is kept. */
export async function beginRetry(
  tx: Tx,
  run: LockedRun,
  states: HostState[],
  hosts: readonly number[] | undefined,
): Promise<{ count: number; environments: string[] }> {
  const wanted = hosts && new Set(hosts);
  const found: Chosen[] = await tx('run_hosts')
    .where({ run_id: run.row.id })
    .whereIn('state', states)
    .orderBy('ordinal')
    .select('ordinal', 'state', 'zone_id', 'environment', 'probe_at');
  const chosen = wanted ? found.filter(({ ordinal }) => wanted.has(ordinal)) : found;
  for (let i = 0; i < chosen.length; i += slice) await renew(tx, run, chosen.slice(i, i + slice));
  const { progress } = run;
  progress.opened = { wave: -1, at: 0 };
  const { stopWhen } = progress.rules;
  for (const wave of progress.waves) wave.excused = stopWhen ? failuresOf(wave.counts, stopWhen.unreachable) : 0;
  return { count: chosen.length, environments: [...new Set(chosen.map(({ environment }) => environment))] };
}

async function renew(tx: Tx, run: LockedRun, hosts: Chosen[]): Promise<void> {
  const these = () =>
    tx('run_hosts')
      .where({ run_id: run.row.id })
      .whereIn(
        'ordinal',
        hosts.map(({ ordinal }) => ordinal),
      );
  await tx(tx.raw('?? (??)', ['run_attempts', [...attemptColumns]])).insert(these().select(...attemptColumns));
  await these().update({
    ...noLease,
    ...noProbe,
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
    discarded_for: null,
    filtered_lines: 0,
    fold: null,
    fold_masked: null,
    survivors: null,
    worker: null,
    revision: run.row.revision,
  });
  for (const host of hosts) {
    countMove(run.progress, host, host.state, 'pending');
    if (host.probe_at !== null) run.progress.probes--;
  }
}
