import {
  finalHostStates,
  finalRunStates,
  type HostState,
  OmError,
  type ParamsOf,
  type ProbeAsk,
  type ResultOf,
  type Run,
} from '@omanager/contract';
import type { Database, Tx } from '../../db/database.ts';
import type { SignedIn } from '../../rpc/actor.ts';
import { type LockedRun, lockRun, settle } from './claims/lockedRun.ts';
import { planProbes } from './claims/probes.ts';
import { beginRetry } from './claims/retry.ts';
import { openNext } from './decide/decide.ts';
import { differences, freezeHosts } from './plan/freeze.ts';
import { gateFor, requireGate } from './plan/gates.ts';
import type { PlanStore, StoredPlan } from './plan/planStore.ts';
import type { InventoryPort, ModulesPort } from './ports.ts';
import type { HostRunRow, RunRow } from './rows.ts';
import type { RunStore } from './store.ts';

interface Options {
  db: Database;
  plans: PlanStore;
  runs: RunStore;
  inventory: InventoryPort;
  modules: Pick<ModulesPort, 'requireOffered'>;
}

const notOk: HostState[] = [...finalHostStates].filter((state) => state !== 'ok' && state !== 'skipped');
const differencesShown = 20;

/** The rules of starting, steering and retrying. Each takes the transaction that also writes its audit event. */
export function createRunService({ db, plans, runs, inventory, modules }: Options) {
  /** The plan still says what would happen: same hosts, routes, keys, credentials, and a module that is still offered. */
  async function requireHolds(tx: Tx, { plan }: StoredPlan): Promise<void> {
    await modules.requireOffered(tx, plan.module.digest);
    const planned = await plans.hosts(tx, plan.id, { after: -1, limit: plan.total });
    const { hosts } = await freezeHosts(inventory, tx, plan.selector);
    const changes = differences(planned, hosts);
    if (changes.length === 0) return;
    const shown = changes.slice(0, differencesShown);
    const more = changes.length > shown.length ? ` and ${changes.length - shown.length} more` : '';
    throw new OmError('PLAN_CHANGED', `The plan no longer holds: ${shown.join('; ')}${more}.`, {
      changes: shown,
      count: changes.length,
    });
  }

  /** Changes what is wanted of a run that is not over. Asking for what is so already changes nothing and is no error. */
  async function steer(tx: Tx, runId: string, change: (run: LockedRun, now: number) => void): Promise<Run> {
    const run = await lockRun(tx, runId);
    if (!finalRunStates.has(run.row.state)) {
      const now = await db.now(tx);
      change(run, now);
      await settle(tx, run, now);
    }
    return runs.get(tx, runId);
  }

  return {
    async start(
      tx: Tx,
      actor: SignedIn,
      { planId, digest, runId, confirm, reason }: ParamsOf<'runs.start'>,
    ): Promise<Run> {
      const existing = await runs.find(tx, runId);
      if (existing) {
        if (existing.planId === planId) return existing;
        throw new OmError('CONFLICT', 'This run id belongs to another run.');
      }
      const stored = await plans.get(tx, planId);
      if (stored.createdBy !== actor.userId) throw new OmError('FORBIDDEN', 'Only who made a plan may start it.');
      if (stored.plan.digest !== digest) throw new OmError('PLAN_CHANGED', 'The digest is not that of the plan.');
      if (Date.parse(stored.plan.expiresAt) <= Date.now()) throw new OmError('PLAN_EXPIRED');
      requireGate(stored.plan.gate, stored.plan.module, { confirm, reason });
      if (stored.plan.gate.kind !== 'none') await plans.requireUnused(tx, planId);
      await requireHolds(tx, stored);
      return runs.insert(tx, runId, stored, { startedBy: actor.userName, reason });
    },

    pause: (tx: Tx, { runId, after }: ParamsOf<'runs.pause'>) =>
      steer(tx, runId, ({ row }) => {
        requireSteerable(row, 'paused');
        row.control = after === 'wave' && row.control !== 'pause' ? 'pause_after_wave' : 'pause';
      }),

    resume: (tx: Tx, runId: string) =>
      steer(tx, runId, ({ row, progress }, now) => {
        requireSteerable(row, 'resumed');
        if (row.control === 'pause') progress.opened = openNext(progress.waves, progress.opened, now);
        row.control = 'run';
      }),

    stop: (tx: Tx, runId: string) =>
      steer(tx, runId, ({ row }) => {
        if (row.control !== 'abort') row.control = 'stop';
      }),

    abort: async (tx: Tx, { runId, graceMs }: ParamsOf<'runs.abort'>): Promise<Run> => {
      const run = await lockRun(tx, runId);
      if (!finalRunStates.has(run.row.state) && run.row.control !== 'abort') {
        await tx('runs').where({ id: runId }).update({ grace_ms: graceMs });
        run.row.control = 'abort';
        await settle(tx, run, await db.now(tx));
      }
      return runs.get(tx, runId);
    },

    async retry(
      tx: Tx,
      { runId, states, hosts, force, confirm, reason }: ParamsOf<'runs.retry'>,
    ): Promise<{ run: Run; count: number }> {
      const run = await lockRun(tx, runId);
      if (!finalRunStates.has(run.row.state))
        throw new OmError('RUN_STATE', `The run is ${run.row.state}; wait for its end or abort it first.`);
      const chosen = states ?? notOk;
      const unfit = chosen.filter((state) => !finalHostStates.has(state));
      if (unfit.length > 0)
        throw new OmError('INVALID_PARAMS', `Servers that are ${unfit.join(', ')} cannot be retried.`);
      const stored = await plans.get(tx, run.row.plan_id);
      await requireHolds(tx, stored);
      const { count, environments } = await beginRetry(tx, run, chosen, hosts);
      if (count === 0) throw new OmError('NO_HOSTS', 'No server of the run is in these states; nothing to retry.');
      const { module } = stored.plan;
      requireGate(gateFor(module.risk, environments, count), module, { confirm, reason });
      const fresh = { control: 'run' as const, ended_at: null, stop_reason: null };
      await tx('runs')
        .where({ id: runId })
        .update({ ...fresh, attempt: run.row.attempt + 1, forced: force });
      Object.assign(run.row, fresh);
      await settle(tx, run, await db.now(tx));
      return { run: await runs.get(tx, runId), count };
    },

    /** Plans to ask lost hosts, or to end what is left on hosts, now. Returns how many will be asked, and when. */
    async ask(
      tx: Tx,
      runId: string,
      ask: ProbeAsk,
      hosts: readonly number[] | undefined,
    ): Promise<ResultOf<'runs.probe'>> {
      const run = await lockRun(tx, runId);
      const found: Pick<HostRunRow, 'ordinal' | 'state' | 'survivors' | 'lease_until'>[] = await tx('run_hosts')
        .where({ run_id: runId })
        .whereIn('state', ask === 'look' ? ['lost'] : ['lost', 'aborted', 'timed_out', 'failed'])
        .select('ordinal', 'state', 'survivors', 'lease_until');
      const wanted = hosts && new Set(hosts);
      const chosen = found.filter(
        ({ ordinal, state, survivors }) =>
          (wanted?.has(ordinal) ?? true) && (state === 'lost' || (ask === 'kill' && survivors !== null)),
      );
      const now = await db.now(tx);
      await planProbes(tx, run, chosen, { at: now, ask });
      await settle(tx, run, now);
      return { asked: chosen.length, at: new Date(now).toISOString() };
    },
  };
}

function requireSteerable({ control }: RunRow, what: string): void {
  if (control === 'stop' || control === 'abort')
    throw new OmError(
      'RUN_STATE',
      `The run is being ${control === 'stop' ? 'stopped' : 'aborted'}; it cannot be ${what}.`,
    );
}

export type RunService = ReturnType<typeof createRunService>;
