import type { Recording } from '@omanager/contract';
import { useEffect, useMemo, useState } from 'react';
import { useStream } from '../../../data/calls.ts';
import { usePages } from '../../../data/pages.ts';
import { useSession } from '../../../data/session.tsx';
import { joinRecordings, mostLive, withRecordings } from './sessionRows.ts';

const pageSize = 100;

/** Recorded terminals of a filter: listed by page, and kept true by what comes live. */
export function useSessions(filter: { host?: string; userName?: string }) {
  const { client } = useSession();
  const pages = usePages<Recording>('recordings.list', filter, (page, signal) =>
    client.call('recordings.list', { ...filter, ...page, limit: pageSize }, { signal }),
  );
  const key = JSON.stringify(filter);
  const [live, setLive] = useState<{ of: string; rows: ReadonlyMap<string, Recording> }>({ of: key, rows: new Map() });
  const stream = useStream('recordings.follow', filter, ({ recordings }) =>
    setLive(({ of, rows }) => ({ of: key, rows: withRecordings(of === key ? rows : new Map(), recordings) })),
  );
  const rows = live.of === key ? live.rows : none;
  const { hasMore, again, items: listed } = pages;
  // A list that was kept from an earlier visit may not know what ended meanwhile.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is opened
  useEffect(() => {
    if (!pages.loading) again();
  }, []);
  const isFull = rows.size >= mostLive;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when it is full
  useEffect(() => {
    if (!isFull) return;
    setLive({ of: key, rows: none });
    again();
  }, [isFull]);
  const items = useMemo(() => joinRecordings(listed, rows, hasMore), [listed, rows, hasMore]);
  return { pages: { ...pages, items }, stream };
}

const none: ReadonlyMap<string, Recording> = new Map();
