import type { Run } from '@omanager/contract';
import { useMemo, useState } from 'react';
import { useStream } from '../../data/calls.ts';
import { type Pages, usePages } from '../../data/pages.ts';
import { useSession } from '../../data/session.tsx';
import { heard, nothingTold, released, rowsOf } from './liveList.ts';
import type { Filter } from './runQuery.ts';

const pageSize = 100;

/** Runs of a filter by page, newest first, and live: those that begin while `scrolled` wait until they are let in. */
export function useRunList(
  filter: Filter,
  scrolled: boolean,
): { pages: Pages<Run>; waiting: number; letIn: () => void } {
  const { client } = useSession();
  const pages = usePages('runs.list', filter, (page, signal) =>
    client.call('runs.list', { ...filter, ...page, limit: pageSize }, { signal }),
  );
  const [told, setTold] = useState(nothingTold);
  const known = useMemo(() => new Set(pages.items.map(({ id }) => id)), [pages.items]);
  // What began between the list and the stream is told, too; later answers move no beginning.
  const newest = pages.items.reduce((last, { number }) => Math.max(last, number), 0);
  const [after, setAfter] = useState<number | null>(null);
  if (after === null && !pages.loading && pages.error === null) setAfter(newest);
  const { from, to, ...watched } = filter;
  const isPast = to !== undefined && Date.parse(to) < Date.now();
  useStream('runs.watchList', after === null || isPast ? null : { ...watched, ...(after > 0 && { after }) }, (event) =>
    setTold((now) => heard(now, event, known, scrolled)),
  );
  const items = useMemo(
    () => rowsOf(pages.items, told, pages.hasMore).filter((run) => isWithin(run, from, to)),
    [pages.items, pages.hasMore, told, from, to],
  );
  return { pages: { ...pages, items }, waiting: told.held.size, letIn: () => setTold(released) };
}

const isWithin = ({ createdAt }: Run, from: string | undefined, to: string | undefined): boolean =>
  (from === undefined || createdAt >= from) && (to === undefined || createdAt < to);
