import type { Knex } from 'knex';

/** Somebody says that a shell on this host was in this recorded terminal, at that moment. */
export interface TerminalClaim {
  recordingId: string;
  hostId: string;
  at: number;
}

/** Clocks of hosts are not ours. */
const toleranceMs = 5 * 60_000;

/** Which of the claims can be true: the terminal was on this host, and open. */
export async function recordedOn(on: Knex, claims: readonly TerminalClaim[]): Promise<boolean[]> {
  const ids = [...new Set(claims.map(({ recordingId }) => recordingId))];
  const rows: { id: string; host_id: string; started_at: number | string; ended_at: number | string | null }[] =
    await on('recordings').whereIn('id', ids).select('id', 'host_id', 'started_at', 'ended_at');
  const known = new Map(rows.map((row) => [row.id, row]));
  return claims.map(({ recordingId, hostId, at }) => {
    const row = known.get(recordingId);
    return (
      row?.host_id === hostId &&
      at >= Number(row.started_at) - toleranceMs &&
      (row.ended_at === null || at <= Number(row.ended_at) + toleranceMs)
    );
  });
}
