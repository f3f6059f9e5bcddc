import type { Knex } from 'knex';

/** Somebody says that a shell on this host belonged to this run, at that moment. */
export interface RunClaim {
  runId: string;
  hostId: string;
  at: number;
}

/** Clocks of hosts are not ours. */
const toleranceMs = 5 * 60_000;

/** Which of the claims can be true: the run had this host, had been made, and had not ended there. */
export async function ranOn(on: Knex, claims: readonly RunClaim[]): Promise<boolean[]> {
  const distinct = <T>(values: T[]) => [...new Set(values)];
  const rows: { run_id: string; host_id: string; ended_at: number | string | null }[] = await on('run_hosts')
    .whereIn('run_id', distinct(claims.map(({ runId }) => runId)))
    .whereIn('host_id', distinct(claims.map(({ hostId }) => hostId)))
    .select('run_id', 'host_id', 'ended_at');
  return claims.map(({ runId, hostId, at }) =>
    rows.some(
      ({ run_id, host_id, ended_at }) =>
        run_id === runId &&
        host_id === hostId &&
        at >= madeAt(runId) - toleranceMs &&
        (ended_at === null || at <= Number(ended_at) + toleranceMs),
    ),
  );
}

/** A run's id is a UUIDv7. */
function madeAt(runId: string): number {
  return Number.parseInt(runId.replaceAll('-', '').slice(0, 12), 16);
}
