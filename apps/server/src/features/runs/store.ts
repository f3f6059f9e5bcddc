import { type HostState, type LateResult, OmError, type Plan, type ResultOf, type Run } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Tx } from '../../db/database.ts';
import { iso, isoOrNull, type PageParams, pageBy } from '../../db/page.ts';
import { busyOf } from './decide/decide.ts';
import { newProgress, readProgress, withoutZeros, writeProgress } from './decide/progress.ts';
import type { StoredPlan } from './plan/planStore.ts';
import { type HostRunRow, type RunRow, toHostRun } from './rows.ts';

/** A run's row joined with what its plan says. */
export interface JoinedRow extends RunRow, Record<string, unknown> {
  digest: string;
  selector: string;
  params: string;
  timeout_ms: number;
  summary: string;
}

interface LateRow {
  attempt: number;
  worker: string;
  at: number;
  state: HostState;
  exit_code: number | null;
  message: string | null;
}

/** Runs with what `toRun` needs of their plans. */
export const joinedRuns = (on: Knex): Knex.QueryBuilder =>
  on('runs')
    .join('plans', 'plans.id', 'runs.plan_id')
    .select('runs.*', 'plans.digest', 'plans.selector', 'plans.params', 'plans.timeout_ms', 'plans.summary');

export function createRunStore() {
  /** By id or by number. */
  async function find(on: Knex, run: string | number): Promise<Run | undefined> {
    const row: JoinedRow | undefined = await joinedRuns(on)
      .where(typeof run === 'number' ? 'runs.number' : 'runs.id', run)
      .first();
    return row && toRun(row);
  }

  async function get(on: Knex, runId: string | number): Promise<Run> {
    const run = await find(on, runId);
    if (!run) throw new OmError('NOT_FOUND', 'There is no such run.');
    return run;
  }

  async function attemptOf(
    on: Knex,
    runId: string,
    ordinal: number,
    attempt: number | undefined,
  ): Promise<{ row: HostRunRow; current: boolean }> {
    const row: HostRunRow | undefined = await on('run_hosts').where({ run_id: runId, ordinal }).first();
    if (!row) throw new OmError('NOT_FOUND', 'The run has no such server.');
    if (attempt === undefined || attempt === row.attempt) return { row, current: true };
    const earlier: HostRunRow | undefined = await on('run_attempts').where({ run_id: runId, ordinal, attempt }).first();
    if (!earlier) throw new OmError('NOT_FOUND', 'The server has no such attempt.');
    return { row: earlier, current: false };
  }

  return {
    find,
    get,
    attemptOf,

    async insert(
      tx: Tx,
      runId: string,
      { plan, limits }: Pick<StoredPlan, 'plan' | 'limits'>,
      { startedBy, reason }: { startedBy: string; reason?: string | undefined },
    ): Promise<Run> {
      const zones: { zone_id: string }[] = await tx('plan_hosts').distinct('zone_id').where({ plan_id: plan.id });
      const { waves, perZone, waitMs, ask, stopWhen } = plan.rollout;
      const rules = { parallel: plan.parallel, perZone, waitMs, ask, stopWhen, ...limits };
      const progress = newProgress(
        rules,
        waves,
        zones.map(({ zone_id }) => zone_id),
      );
      await tx('runs').insert({
        ...writeProgress(progress),
        reason: reason ?? null,
        id: runId,
        number: await nextNumber(tx),
        plan_id: plan.id,
        revision: 1,
        state: 'queued',
        control: 'run',
        attempt: 1,
        parallel: plan.parallel,
        total: plan.total,
        module_id: plan.module.id,
        started_by: startedBy,
        created_at: Date.now(),
        search: searchText(plan, reason),
        environments: Object.keys(plan.environments)
          .map((name) => `,${name},`)
          .join(''),
      });
      const columns = [
        'run_id',
        'ordinal',
        'attempt',
        'host_id',
        'zone_id',
        'name',
        'environment',
        'state',
        'revision',
      ];
      await tx(tx.raw(`?? (${columns.map(() => '??').join(', ')})`, ['run_hosts', ...columns])).insert(
        tx('plan_hosts')
          .where({ plan_id: plan.id })
          .select(
            tx.raw('?', [runId]),
            'ordinal',
            tx.raw('1'),
            'host_id',
            'zone_id',
            'name',
            'environment',
            tx.raw("'pending'"),
            tx.raw('1'),
          ),
      );
      return get(tx, runId);
    },

    /** The zones of a run's hosts, by id. */
    async zonesOf(on: Knex, runId: string): Promise<string[]> {
      const row: RunRow | undefined = await on('runs').where({ id: runId }).first();
      return row ? Object.keys(readProgress(row).busyIn) : [];
    },

    async hosts(on: Knex, runId: string, { states, ...page }: { states?: HostState[] | undefined } & PageParams) {
      await get(on, runId);
      const query = on('run_hosts').where({ run_id: runId });
      if (states) query.whereIn('state', states);
      const numbered = { ...page, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
      const { rows, next } = await pageBy<HostRunRow & Record<string, unknown>>(query, { key: 'ordinal', ...numbered });
      return { items: rows.map(toHostRun), ...(next === undefined ? {} : { next }) };
    },

    async attempts(on: Knex, runId: string, ordinal: number): Promise<ResultOf<'runs.attempts'>> {
      const { row } = await attemptOf(on, runId, ordinal, undefined);
      const earlier: HostRunRow[] = await on('run_attempts').where({ run_id: runId, ordinal }).orderBy('attempt');
      const late: LateRow[] = await on('run_late_results').where({ run_id: runId, ordinal }).orderBy('at');
      return { items: [...earlier, row].map(toHostRun), late: late.map(toLateResult) };
    },
  };
}

/**
 * Whoever holds the counter's row waits for nothing but rows that it makes itself, so that no two starts can wait for
 * each other.
 */
async function nextNumber(tx: Tx): Promise<number> {
  await tx('run_numbers').increment('last', 1);
  const counter: { last: number } | undefined = await tx('run_numbers').first('last');
  if (!counter) throw new Error('run_numbers has lost its row');
  return counter.last;
}

/** Where a search looks, in lower case: both databases then compare it alike. */
function searchText({ module, selector }: Plan, reason = ''): string {
  return [module.id, module.title.en, module.title.zh, selector.slice(0, 2000), reason].join('\n').toLowerCase();
}

export type RunStore = ReturnType<typeof createRunStore>;

function toLateResult({ attempt, worker, at, state, exit_code, message }: LateRow): LateResult {
  return { attempt, worker, at: iso(at), state, exitCode: exit_code, message };
}

export function toRun(row: JoinedRow): Run {
  const { module, follow, environments } = JSON.parse(row.summary);
  const { waves, opened } = readProgress(row);
  const wave = waves.findIndex(({ counts }) => counts.pending + busyOf(counts) > 0);
  const held = wave >= 0 && wave === opened.wave && waves[wave]?.counts.pending === waves[wave]?.size;
  return {
    id: row.id,
    number: row.number,
    planId: row.plan_id,
    digest: row.digest,
    revision: row.revision,
    module,
    selector: row.selector,
    params: JSON.parse(row.params),
    state: row.state,
    control: row.control,
    attempt: row.attempt,
    parallel: row.parallel,
    timeoutMs: row.timeout_ms,
    follow: follow ?? false,
    total: row.total,
    environments: environments ?? {},
    counts: JSON.parse(row.counts),
    waves: waves.map(({ size, counts }) => ({ size, counts: withoutZeros(counts) })),
    wave: wave < 0 ? null : wave,
    holdUntil: held && opened.at > (row.started_at ?? opened.at) ? iso(opened.at) : null,
    stopReason: row.stop_reason,
    reason: row.reason,
    startedBy: row.started_by,
    createdAt: iso(row.created_at),
    startedAt: isoOrNull(row.started_at),
    endedAt: isoOrNull(row.ended_at),
    outputRemovedAt: isoOrNull(row.output_removed_at),
  };
}
