import { finalHostStates, type HostState } from '@omanager/contract';
import type { Knex } from 'knex';

/** By ordinal, newest first. */
export type LostAttempts = ReadonlyMap<number, number[]>;

/** In these states nothing was run, so that an older attempt is still the last word. */
const nothingRan: ReadonlySet<HostState> = new Set(['unreachable', 'not_started', 'skipped']);

/** Attempts of these hosts of which nobody knows how they ended, and after which nothing has run on the host. */
export async function lostAttempts(on: Knex, runId: string, ordinals: readonly number[]): Promise<LostAttempts> {
  const rows: { ordinal: number; attempt: number; state: HostState }[] = await on('run_attempts')
    .where({ run_id: runId })
    .whereIn('ordinal', ordinals)
    .whereIn('state', [...finalHostStates])
    .orderBy('attempt', 'desc')
    .select('ordinal', 'attempt', 'state');
  const lost = new Map<number, number[]>();
  const over = new Set<number>();
  for (const { ordinal, attempt, state } of rows) {
    if (over.has(ordinal) || nothingRan.has(state)) continue;
    if (state === 'lost') lost.set(ordinal, [...(lost.get(ordinal) ?? []), attempt]);
    else over.add(ordinal);
  }
  return lost;
}
