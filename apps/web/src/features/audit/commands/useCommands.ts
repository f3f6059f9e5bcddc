import type { CommandEvent } from '@omanager/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useAnswer, useStream } from '../../../data/calls.ts';
import { usePages } from '../../../data/pages.ts';
import { useSession } from '../../../data/session.tsx';
import { arrived, emptyTail, paused, resumed, type Tail } from '../tail.ts';
import { type CommandQuery, coverageOf, filterOf } from './commandQuery.ts';
import { joined, lastStored } from './commandRows.ts';

const pageSize = 200;

/** The commands of a query: listed ones by page, what comes after them live unless held, and where data is missing. */
export function useCommands(query: CommandQuery, held: boolean) {
  const { client } = useSession();
  const answers = useQueryClient();
  const filter = useMemo(() => filterOf(query), [query]);
  const { from, to, ...rest } = filter;
  const coverage = useMemo(() => coverageOf(query), [query]);
  const params = { ...filter, limit: pageSize };
  const pages = usePages('commands.list', params, async (page, signal) => {
    const { items, next, searchedTo } = await client.call('commands.list', { ...params, ...page }, { signal });
    // Of a full page there is more to list, not more to look through.
    return { items, next, lookedBackTo: items.length < pageSize ? (searchedTo ?? undefined) : undefined };
  });
  const missing = useAnswer('commands.list', { ...coverage, limit: pageSize }, { enabled: coverage !== null });
  const gaps = coverage === null ? undefined : missing.data;

  const [tail, setTail] = useState<Tail<CommandEvent>>(emptyTail);
  const [skipped, setSkipped] = useState(0);
  useEffect(() => setTail(held ? paused : resumed), [held]);
  // Where the live part begins; later answers only repeat what is known.
  const [after, setAfter] = useState<string | null>(null);
  const newest = lastStored(pages.items);
  const listed = !pages.loading && pages.error === null;
  useEffect(() => {
    if (listed) setAfter((begun) => begun ?? newest ?? '');
  }, [listed, newest]);
  const isLive = after !== null && to === undefined;
  const begin = after === null || after === '' ? {} : { after };
  const take = ({ events, skipped }: { events: readonly CommandEvent[]; skipped: number }) => {
    setTail((now) => arrived(now, events));
    if (skipped > 0) setSkipped((before) => before + skipped);
  };
  const stream = useStream('commands.follow', isLive ? { ...rest, ...begin } : null, take);
  const { from: _from, to: _to, ...missingAt } = coverage ?? {};
  useStream('commands.follow', isLive && coverage !== null ? { ...missingAt, ...begin } : null, take);

  const { hasMore } = pages;
  const items = useMemo(
    () => joined(pages.items, [...tail.shown, ...(gaps?.items ?? [])], { hasMore, from }),
    [tail.shown, pages.items, gaps, hasMore, from],
  );
  /** From the first page on, as if just opened. */
  function again(): void {
    setTail(held ? paused(emptyTail) : emptyTail);
    setSkipped(0);
    setAfter(null);
    void answers.resetQueries({ queryKey: ['commands.list', 'pages', params] });
    if (coverage !== null) void missing.refetch();
  }
  // Once more came than is kept there would be a gap below: nothing is shown that is not whole.
  const overrun = tail.overrun && !tail.paused;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is made anew with every render
  useEffect(() => {
    if (overrun) again();
  }, [overrun]);
  const end = items.at(-1)?.at ?? '';
  return {
    filter,
    pages: { ...pages, items, again },
    tail,
    stream,
    skipped,
    /** There are more places without data than those in the list. */
    moreMissing: gaps?.next !== undefined && (gaps.items.at(-1)?.at ?? '') > end,
    missingError: coverage === null ? null : missing.error,
  };
}
