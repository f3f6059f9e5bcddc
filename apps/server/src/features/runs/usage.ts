import { finalRunStates, type ModuleUsage } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso } from '../../db/page.ts';
import type { RunRow } from './rows.ts';

/** What runs say about the modules they used. */
export interface RunUsage {
  /** How many runs used each version that is named; those without a run are left out. */
  countByVersion(on: Knex, digests: readonly string[]): Promise<Map<string, number>>;
  /** From the last runs of each module. */
  lately(on: Knex, modules: readonly string[]): Promise<ModuleUsage[]>;
}

const looked = 20;

export function createRunUsage(): RunUsage {
  return {
    async countByVersion(on, digests) {
      const rows: { digest: string; n: number }[] = await on('runs')
        .join('plans', 'plans.id', 'runs.plan_id')
        .whereIn('plans.module_digest', digests)
        .groupBy('plans.module_digest')
        .select('plans.module_digest as digest')
        .count({ n: '*' });
      return new Map(rows.map(({ digest, n }) => [digest, Number(n)]));
    },
    async lately(on, modules) {
      const found: ModuleUsage[] = [];
      // One short look at an index each; together they would be a window function that old MySQL does not have.
      for (const module of modules) {
        const rows: RunRow[] = await on('runs').where({ module_id: module }).orderBy('id', 'desc').limit(looked);
        found.push(usageOf(module, rows));
      }
      return found;
    },
  };
}

function usageOf(module: string, rows: readonly RunRow[]): ModuleUsage {
  const [last] = rows;
  const ok = rows.find(({ state }) => state === 'succeeded');
  const durations = rows
    .filter(({ state }) => finalRunStates.has(state))
    .flatMap(({ started_at: from, ended_at: to }) => (from === null || to === null ? [] : [to - from]))
    .sort((a, b) => a - b);
  return {
    module,
    last: last ? { runId: last.id, state: last.state, startedBy: last.started_by, at: iso(last.created_at) } : null,
    lastOkAt: ok ? iso(ok.ended_at ?? ok.created_at) : null,
    typicalMs: durations[Math.floor(durations.length / 2)] ?? null,
  };
}
