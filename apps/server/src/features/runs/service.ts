import { finalHostStates, finalRunStates, type HostState, OmError, type ParamsOf, type Run } from '@omanager/contract';
import type { Database, Tx } from '../../db/database.ts';
import type { SignedIn } from '../../rpc/actor.ts';
import { differences, freezeHosts } from './freeze.ts';
import { lockRun, settle } from './lockedRun.ts';
import type { PlanStore, StoredPlan } from './planStore.ts';
import type { InventoryPort } from './ports.ts';
import { beginRetry } from './retry.ts';
import type { RunStore } from './store.ts';

interface Options {
  db: Database;
  plans: PlanStore;
  runs: RunStore;
  inventory: InventoryPort;
}

const notOk: HostState[] = [...finalHostStates].filter((state) => state !== 'ok' && state !== 'skipped');
const differencesShown = 20;

/** The rules of starting, aborting and retrying. Each takes the transaction that also writes its audit event. */
export function createRunService({ db, plans, runs, inventory }: Options) {
  /** The plan still says what would happen: same hosts, routes, keys, credentials. */
  async function requireHolds(tx: Tx, { plan }: StoredPlan): Promise<void> {
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

  function requireConfirmed({ plan }: StoredPlan, confirm: string | undefined, phrase: string): void {
    if (plan.gate.kind === 'none' || confirm === phrase) return;
    throw new OmError(
      'CONFIRM_REQUIRED',
      `${plan.module.id} is ${plan.module.risk}: confirm with the words "${phrase}".`,
      { phrase },
    );
  }

  return {
    async start(tx: Tx, actor: SignedIn, { planId, digest, runId, confirm }: ParamsOf<'runs.start'>): Promise<Run> {
      const existing = await runs.find(tx, runId);
      if (existing) {
        if (existing.planId === planId) return existing;
        throw new OmError('CONFLICT', 'This run id belongs to another run.');
      }
      const stored = await plans.get(tx, planId);
      if (stored.createdBy !== actor.userId) throw new OmError('FORBIDDEN', 'Only who made a plan may start it.');
      if (stored.plan.digest !== digest) throw new OmError('PLAN_CHANGED', 'The digest is not that of the plan.');
      if (Date.parse(stored.plan.expiresAt) <= Date.now()) throw new OmError('PLAN_EXPIRED');
      if (stored.plan.gate.kind === 'confirm') requireConfirmed(stored, confirm, stored.plan.gate.phrase);
      await requireHolds(tx, stored);
      return runs.insert(tx, runId, stored.plan, actor.userName);
    },

    async abort(tx: Tx, runId: string): Promise<Run> {
      const run = await lockRun(tx, runId);
      // Aborting what is over, or being aborted, changes nothing and is no error: the wish is fulfilled.
      if (!finalRunStates.has(run.row.state) && run.row.control !== 'abort') {
        await tx('runs').where({ id: runId }).update({ control: 'abort' });
        run.row.control = 'abort';
        await settle(tx, run, await db.now(tx));
      }
      return runs.get(tx, runId);
    },

    async retry(tx: Tx, { runId, states, hosts, confirm }: ParamsOf<'runs.retry'>): Promise<Run> {
      const run = await lockRun(tx, runId);
      if (!finalRunStates.has(run.row.state))
        throw new OmError('RUN_STATE', `The run is ${run.row.state}; wait for its end or abort it first.`);
      const chosen = states ?? notOk;
      const unfit = chosen.filter((state) => !finalHostStates.has(state));
      if (unfit.length > 0)
        throw new OmError('INVALID_PARAMS', `Servers that are ${unfit.join(', ')} cannot be retried.`);
      const stored = await plans.get(tx, run.row.plan_id);
      await requireHolds(tx, stored);
      const count = await beginRetry(tx, run, chosen, hosts);
      if (count === 0) throw new OmError('NO_HOSTS', 'No server of the run is in these states; nothing to retry.');
      const environments = Object.keys(stored.plan.environments).sort().join('+');
      requireConfirmed(stored, confirm, `${environments} ${count}`);
      await tx('runs')
        .where({ id: runId })
        .update({ control: 'run', attempt: run.row.attempt + 1, ended_at: null });
      Object.assign(run.row, { control: 'run', ended_at: null });
      await settle(tx, run, await db.now(tx));
      return runs.get(tx, runId);
    },
  };
}

export type RunService = ReturnType<typeof createRunService>;
