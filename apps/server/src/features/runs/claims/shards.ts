import type { Knex } from 'knex';
import type { Tx } from '../../../db/database.ts';
import type { Decision } from '../decide/decide.ts';
import type { HostRunRow } from '../rows.ts';
import type { ClaimedHost, HostAttempt, ZoneScope } from './exchange.ts';
import { type HeldHost, heldBy, heldColumns, inScope, type Lease, ordinals } from './held.ts';
import { type LockedRun, move, noLease, ordinalsOf, slice } from './lockedRun.ts';
import { planProbes } from './probes.ts';

type PendingHost = Pick<HostRunRow, 'ordinal' | 'attempt' | 'zone_id'>;
/** Leases pending hosts of the wave that is open, in their order, as far as the decision and the zones allow. */
export async function claimHosts(
  tx: Tx,
  run: LockedRun,
  { decision, want, zones, lease }: { decision: Decision; want: number; zones: ZoneScope; lease: Lease },
): Promise<ClaimedHost[]> {
  const take = Math.min(decision.release, want);
  if (take <= 0) return [];
  const pending = (n: number): Knex.QueryBuilder =>
    inScope(tx('run_hosts'), zones)
      .where({ run_id: run.row.id, state: 'pending' })
      .whereBetween('ordinal', ordinalsOf(run, decision.wave))
      .orderBy('ordinal')
      .limit(n)
      .select('ordinal', 'attempt', 'zone_id');
  const hosts: PendingHost[] = [];
  const limited = Object.keys(decision.zoneRoom);
  for (const zone of limited) {
    const n = Math.min(take - hosts.length, decision.zoneRoom[zone] ?? 0);
    if (n > 0) hosts.push(...((await pending(n).where({ zone_id: zone })) as PendingHost[]));
  }
  if (hosts.length < take)
    hosts.push(...((await pending(take - hosts.length).whereNotIn('zone_id', limited)) as PendingHost[]));
  await move(tx, run, hosts, 'pending', 'connecting', lease);
  return hosts.map(({ ordinal, attempt }) => ({ ordinal, attempt, task: 'run' }));
}

/** Commits `running` for hosts that are held by a live lease; answers those that may be sent their script. */
export async function begin(
  tx: Tx,
  run: LockedRun,
  owner: string,
  asked: HostAttempt[],
  now: number,
  leaseMs: number,
): Promise<Set<number>> {
  const { control } = run.row;
  if (asked.length === 0 || (control !== 'run' && control !== 'pause_after_wave')) return new Set();
  const held = await heldBy(tx, run, owner, asked);
  const inState = (wanted: HostRunRow['state']) =>
    asked.flatMap(({ ordinal, attempt }) => {
      const row = held.get(ordinal);
      return row?.state === wanted && row.attempt === attempt ? [row] : [];
    });
  const mine = inState('connecting');
  await move(tx, run, mine, 'connecting', 'running', { started_at: now, lease_until: now + leaseMs, worker: owner });
  // Whoever asks has sent nothing yet: what is running already was committed and the answer was cut off.
  return new Set([...mine, ...inState('running')].map(({ ordinal }) => ordinal));
}

/** Takes back every host whose lease has ended; returns how many. */
export async function takeBackEnded(tx: Tx, run: LockedRun, now: number): Promise<number> {
  const ended: HeldHost[] = await tx('run_hosts')
    .where({ run_id: run.row.id })
    .andWhere('lease_until', '<=', now)
    .select(...heldColumns);
  const inState = (state: HostRunRow['state']) => ended.filter((host) => host.state === state);
  await move(tx, run, inState('connecting'), 'connecting', 'pending', noLease);
  const message = 'The worker stopped while this server was running the script; how it ended is not known.';
  const lost = inState('running');
  await move(tx, run, lost, 'running', 'lost', { ...noLease, message, ended_at: now });
  await planProbes(tx, run, lost, { at: now, ask: 'look' });
  // A probe that was not finished is due again.
  const probing = ended.filter(({ state }) => state !== 'connecting' && state !== 'running');
  for (let i = 0; i < probing.length; i += slice) {
    await tx('run_hosts')
      .where({ run_id: run.row.id })
      .whereIn('ordinal', ordinals(probing.slice(i, i + slice)))
      .update(noLease);
  }
  return ended.length;
}
