import type { Alert, AlertSeverity } from '@omanager/contract';

/** Which alerts are shown, as the address says it. */
export interface AlertQuery {
  /** One severity, or all. */
  readonly severity: AlertSeverity | null;
  /** Those that somebody acknowledged as well. */
  readonly all: boolean;
  readonly rule: string | null;
  readonly user: string | null;
  /** Id of a server. */
  readonly host: string | null;
}

export const noAlertQuery: AlertQuery = { severity: null, all: false, rule: null, user: null, host: null };

/** So many that came live are kept; at that many the list has to be asked for anew. */
export const mostLive = 1000;

/** Newer states over older ones, bounded. */
export function withLive(known: ReadonlyMap<string, Alert>, alerts: readonly Alert[]): ReadonlyMap<string, Alert> {
  const next = new Map(known);
  for (const alert of alerts) {
    const before = next.get(alert.id);
    if (before && before.version >= alert.version) continue;
    next.delete(alert.id);
    next.set(alert.id, alert);
  }
  for (const id of next.keys()) {
    if (next.size <= mostLive) break;
    next.delete(id);
  }
  return next;
}

const isShown = ({ severity, acknowledgedAt, ruleId, user, hostId }: Alert, query: AlertQuery): boolean =>
  (query.all || acknowledgedAt === null) &&
  (query.severity === null || query.severity === severity) &&
  (query.rule === null || query.rule === ruleId) &&
  (query.user === null || query.user === user) &&
  (query.host === null || query.host === hostId);

/** What was listed, in its newest state, and what came since, newest first. What lies beyond the list is not guessed at. */
export function joinAlerts(
  listed: readonly Alert[],
  live: ReadonlyMap<string, Alert>,
  { query, hasMore }: { query: AlertQuery; hasMore: boolean },
): Alert[] {
  const rows = new Map(listed.map((alert) => [alert.id, alert]));
  const last = listed.at(-1)?.id ?? '';
  for (const alert of live.values()) {
    const before = rows.get(alert.id);
    if (before ? before.version < alert.version : !hasMore || alert.id > last) rows.set(alert.id, alert);
  }
  return [...rows.values()].filter((alert) => isShown(alert, query)).sort((a, b) => (a.id < b.id ? 1 : -1));
}
