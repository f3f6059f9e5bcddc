import type { Knex } from 'knex';
import type { RunRow } from '../rows.ts';
import type { Room } from './decide.ts';
import { type Progress, readProgress } from './progress.ts';

type Other = Pick<RunRow, 'module_id' | 'busy' | 'rollout' | 'progress' | 'counts' | 'parallel' | 'total'>;

/** Runs that are looked at for the limits they share. */
const mostRuns = 1000;

/**
 * What the other runs leave of the limits for all runs: of hosts at once, of a module, of a zone. Read without their
 * locks, so two claims of different runs in the same instant may together pass a limit by what one of them takes.
 */
export async function roomFor(on: Knex, row: RunRow, progress: Progress, maxBusy: number | null): Promise<Room> {
  const { moduleLimit, zoneLimits } = progress.rules;
  const zones = Object.keys(zoneLimits);
  if (maxBusy === null && moduleLimit === null && zones.length === 0) return {};
  const others: Other[] = await on('runs')
    .whereIn('state', ['running', 'pausing', 'stopping', 'queued'])
    .andWhere('id', '<>', row.id)
    .andWhere('busy', '>', 0)
    .limit(mostRuns)
    .select('module_id', 'busy', 'rollout', 'progress', 'counts', 'parallel', 'total');
  const own = Object.values(progress.busyIn).reduce((sum, n) => sum + n, 0);
  const busyOf = (runs: Other[]) => runs.reduce((sum, { busy }) => sum + busy, own);
  const all = Math.min(
    (maxBusy ?? Number.POSITIVE_INFINITY) - busyOf(others),
    (moduleLimit ?? Number.POSITIVE_INFINITY) - busyOf(others.filter(({ module_id }) => module_id === row.module_id)),
  );
  const busyIn = zones.length > 0 ? others.map((other) => readProgress(other).busyIn) : [];
  return {
    ...(Number.isFinite(all) ? { all: Math.max(0, all) } : {}),
    zones: Object.fromEntries(
      zones.map((zone) => {
        const busy = busyIn.reduce((sum, of) => sum + (of[zone] ?? 0), progress.busyIn[zone] ?? 0);
        return [zone, Math.max(0, (zoneLimits[zone] ?? 0) - busy)];
      }),
    ),
  };
}
