import type { ParamsIn, ResultOf, SearchHit } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { type StreamState, useStream } from '../../../data/calls.ts';

export interface SearchQuery {
  readonly pattern: string;
  readonly regex: boolean;
  readonly ignoreCase: boolean;
}

export interface Search {
  readonly hits: readonly SearchHit[];
  readonly found: ResultOf<'runs.search'>['found'];
  readonly searched: ResultOf<'runs.search'>['searched'];
  readonly state: ResultOf<'runs.search'>['state'];
  readonly stream: StreamState;
}

const mostHits = 1000;
const none = {
  hits: [],
  found: { hits: 0, hosts: 0 },
  searched: { hosts: 0, lines: 0, bytes: 0 },
  state: 'searching',
} as const;

/** What a search in a run's output finds, as it is found; `null`: nothing is searched. */
export function useSearch(runId: string, query: SearchQuery | null, hosts?: readonly number[]): Search | null {
  const params: ParamsIn<'runs.search'> | null =
    query === null ? null : { runId, ...query, limit: mostHits, ...(hosts && { hosts: [...hosts] }) };
  const [found, setFound] = useState<Omit<Search, 'stream'>>(none);
  const key = JSON.stringify(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins with nothing
  useEffect(() => setFound(none), [key]);
  const stream = useStream('runs.search', params, (event) =>
    setFound((was) => ({ ...event, hits: [...was.hits, ...event.hits].slice(0, mostHits) })),
  );
  return query === null ? null : { ...found, stream };
}
