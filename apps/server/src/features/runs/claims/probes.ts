import type { ProbeAsk } from '@omanager/contract';
import type { Tx } from '../../../db/database.ts';
import { countMove } from '../decide/progress.ts';
import type { ClaimedHost, ProbeAnswer, Probed, WorkerScope } from './exchange.ts';
import { type HeldHost, heldBy, inScope, type Lease } from './held.ts';
import { type LockedRun, noLease, noProbe, slice } from './lockedRun.ts';
import { insertTail } from './tail.ts';

/** A host that cannot be reached, or still runs its script, is asked again, less and less often. */
const againMs = { least: 3000, most: 5 * 60_000 };
/** After that nobody expects an answer any more. */
const giveUpMs = 24 * 3_600_000;

/** Plans to ask these hosts what became of their script (`look`), or to end what is left of it (`kill`), which a look does not replace. */
export async function planProbes(
  tx: Tx,
  run: LockedRun,
  hosts: readonly { ordinal: number }[],
  { at, ask }: { at: number; ask: ProbeAsk },
): Promise<void> {
  for (let i = 0; i < hosts.length; i += slice) {
    const ordinals = hosts.slice(i, i + slice).map(({ ordinal }) => ordinal);
    const these = () => tx('run_hosts').where({ run_id: run.row.id }).whereIn('ordinal', ordinals);
    const [planned] = await these().whereNotNull('probe_at').count({ n: '*' });
    const asked = ask === 'kill' ? ask : tx.raw("coalesce(probe_ask, 'look')");
    await these().update({ probe_at: at, probe_ask: asked, revision: run.row.revision });
    run.progress.probes += ordinals.length - Number(planned?.n ?? 0);
  }
}

/** Leases hosts that are due to be asked. They keep their state. */
export async function claimProbes(
  tx: Tx,
  run: LockedRun,
  { want, now, worker, lease }: { want: number; now: number; worker: WorkerScope; lease: Lease },
): Promise<ClaimedHost[]> {
  if (want <= 0 || run.progress.probes <= 0) return [];
  const due: Pick<HeldHost, 'ordinal' | 'attempt' | 'probe_ask'>[] = await inScope(tx('run_hosts'), worker.zones)
    .where({ run_id: run.row.id })
    .andWhere('probe_at', '<=', now)
    .whereNull('lease_until')
    .orderBy('probe_at')
    .limit(Math.min(want, slice))
    .select('ordinal', 'attempt', 'probe_ask');
  await tx('run_hosts')
    .where({ run_id: run.row.id })
    .whereIn(
      'ordinal',
      due.map(({ ordinal }) => ordinal),
    )
    .update(lease);
  return due.map(({ ordinal, attempt, probe_ask }) => ({
    ordinal,
    attempt,
    task: probe_ask === 'kill' ? 'kill' : 'probe',
  }));
}

/** Writes what hosts said of their scripts: a script that has ended brings its true result. */
export async function acceptProbes(
  tx: Tx,
  run: LockedRun,
  owner: string,
  probed: ProbeAnswer[],
  now: number,
): Promise<void> {
  const held = await heldBy(tx, run, owner, probed);
  for (const answer of probed) {
    const host = held.get(answer.ordinal);
    if (!host || host.attempt !== answer.attempt || host.probe_at === null) continue;
    const where = { run_id: run.row.id, ordinal: host.ordinal };
    const ended = host.state === 'lost' && answer.found === 'finished';
    const next = nextProbe(host, answer, now);
    await tx('run_hosts')
      .where(where)
      .update({
        ...noLease,
        ...(next ?? noProbe),
        ...(answer.found === 'unreachable'
          ? {}
          : { survivors: survivorsOf(answer).length > 0 ? JSON.stringify(survivorsOf(answer)) : null }),
        ...(host.state === 'lost' || answer.found !== 'unreachable' ? { message: answer.message } : {}),
        ...(ended ? { state: answer.exitCode === 0 ? 'ok' : 'failed', exit_code: answer.exitCode } : {}),
        revision: run.row.revision,
      });
    if (next === null) run.progress.probes--;
    if (!ended) continue;
    countMove(run.progress, host, 'lost', answer.exitCode === 0 ? 'ok' : 'failed');
    if (answer.tail && answer.tail.length > 0) await insertTail(tx, run.row.id, host, answer.tail, now);
  }
}

function survivorsOf({ pid, survivors, found }: Probed): number[] {
  return [...new Set([...(found === 'running' && pid !== null ? [pid] : []), ...survivors])];
}

/** What the host is asked next, and when; null: it has said all that it ever will. */
function nextProbe(host: HeldHost, answer: ProbeAnswer, now: number): Pick<HeldHost, 'probe_at' | 'probe_ask'> | null {
  const { found } = answer;
  const left = found === 'unreachable' || survivorsOf(answer).length > 0;
  // The operator wants it ended since; this answer is of the question before.
  if (left && answer.ask === 'look' && host.probe_ask === 'kill') return { probe_at: host.probe_at, probe_ask: 'kill' };
  if (host.state !== 'lost' || found === 'finished' || found === 'unknown') return null;
  const since = now - (host.ended_at ?? now);
  if (since > giveUpMs) return null;
  return { probe_at: now + Math.min(againMs.most, Math.max(againMs.least, since / 4)), probe_ask: 'look' };
}
