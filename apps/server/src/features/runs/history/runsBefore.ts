import type { HostState, Run } from '@omanager/contract';
import type { Knex } from 'knex';
import { cursorOf, listRuns, placeOf } from './runLists.ts';
import type { Place } from './slices.ts';

/** Runs of a server or of a user before a place, newest first, and how far back was looked. */
export async function runsBefore(
  on: Knex,
  of: { hostId: string } | { startedBy: string },
  {
    before,
    limit,
    from,
    to,
  }: { before: Place | undefined; limit: number; from: string | undefined; to: string | undefined },
): Promise<{ items: Run[]; end: Place | null }> {
  const cursor = before && cursorOf(before);
  const { items, next } = await listRuns(on, { ...of, limit, cursor, from, to });
  return { items, end: next === undefined ? null : placeOf(next) };
}

/** By run: how it went on this server. */
export async function statesOnHost(
  on: Knex,
  hostId: string,
  runIds: readonly string[],
): Promise<Map<string, HostState>> {
  const rows: { run_id: string; state: HostState }[] = await on('run_hosts')
    .where({ host_id: hostId })
    .whereIn('run_id', runIds)
    .select('run_id', 'state');
  return new Map(rows.map(({ run_id, state }) => [run_id, state]));
}

/** The servers of a run; none when there is no such run. */
export async function hostIdsOfRun(on: Knex, runId: string): Promise<string[]> {
  return on('run_hosts').where({ run_id: runId }).distinct().pluck('host_id');
}
