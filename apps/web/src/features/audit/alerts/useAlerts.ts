import { type Alert, type AlertSeverity, alertSeverities } from '@omanager/contract';
import { useEffect, useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useStream } from '../../../data/calls.ts';
import { usePages } from '../../../data/pages.ts';
import { useSession } from '../../../data/session.tsx';
import { type AlertQuery, joinAlerts, mostLive, withLive } from './alertRows.ts';

const pageSize = 100;

/** Alerts of a query as they are now: listed by page, and kept true by what comes live. */
export function useAlerts(query: AlertQuery) {
  const { client } = useSession();
  const filter = {
    ...(query.severity !== null && { severities: [query.severity] }),
    ...(query.rule !== null && { rule: query.rule }),
    ...(query.user !== null && { user: query.user }),
    ...(query.host !== null && { host: query.host }),
  };
  const params = { ...filter, ...(!query.all && { acknowledged: false }), limit: pageSize };
  const pages = usePages<Alert>('alerts.list', params, (page, signal) =>
    client.call('alerts.list', { ...params, ...page }, { signal }),
  );
  const [live, setLive] = useState<ReadonlyMap<string, Alert>>(new Map());
  // From the time of the server: what changed between the list and the stream is not missed.
  const since = pages.items[0]?.raisedAt;
  const [after, setAfter] = useState<string | null>(null);
  const listed = !pages.loading && pages.error === null;
  useEffect(() => {
    if (listed) setAfter((begun) => begun ?? since ?? '');
  }, [listed, since]);
  const begin = after === null || after === '' ? {} : { after };
  const stream = useStream('alerts.follow', after === null ? null : { ...filter, ...begin }, ({ alerts }) =>
    setLive((known) => withLive(known, alerts)),
  );
  const { hasMore, again } = pages;
  const isFull = live.size >= mostLive;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when it is full
  useEffect(() => {
    if (!isFull) return;
    setLive(new Map());
    again();
  }, [isFull]);
  const items = useMemo(() => joinAlerts(pages.items, live, { query, hasMore }), [pages.items, live, query, hasMore]);
  return { pages: { ...pages, items }, stream };
}

const isSeverity = (text: string | null): text is AlertSeverity => alertSeverities.some((one) => one === text);

/** The query of the address, and how it is changed. */
export function useAlertQuery() {
  const [search, setSearch] = useSearchParams();
  const query = useMemo((): AlertQuery => {
    const severity = search.get('severity');
    const get = (name: string) => search.get(name)?.slice(0, 100) || null;
    return {
      severity: isSeverity(severity) ? severity : null,
      all: search.get('all') === 'yes',
      ...{ rule: get('rule'), user: get('user'), host: get('host') },
    };
  }, [search]);
  function change(part: Partial<AlertQuery>): void {
    const { all, ...rest } = { ...query, ...part };
    const next = new URLSearchParams(all ? { all: 'yes' } : {});
    for (const [name, value] of Object.entries(rest)) if (value !== null) next.set(name, value);
    setSearch(next);
  }
  return { query, change };
}
