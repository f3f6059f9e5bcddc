import type { OmError, QueryName } from '@omanager/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { asOmError } from './calls.ts';

export interface Pages<T> {
  readonly items: readonly T[];
  /** Nothing has been answered yet. */
  readonly loading: boolean;
  readonly error: OmError | null;
  readonly hasMore: boolean;
  /** Only so far back was looked through, though older ones may match: `more` goes on. */
  readonly lookedBackTo: string | null;
  readonly fetching: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

/** A list by cursor: its first page, and more when asked for. `name` is the query that tells when it is old. */
export function usePages<T>(
  name: QueryName,
  params: Readonly<Record<string, unknown>>,
  ask: (
    page: { cursor?: string },
    signal: AbortSignal,
  ) => Promise<{ items: T[]; next?: string | undefined; lookedBackTo?: string | undefined }>,
): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: [name, 'pages', params],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) => ask(pageParam === '' ? {} : { cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return {
    items,
    loading: query.isPending,
    error: query.error === null ? null : asOmError(query.error),
    hasMore: query.hasNextPage,
    lookedBackTo: query.data?.pages.at(-1)?.lookedBackTo ?? null,
    fetching: query.isFetching,
    more: () => void query.fetchNextPage(),
    again: () => void query.refetch(),
  };
}
