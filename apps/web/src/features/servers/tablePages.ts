import { useQueryClient } from '@tanstack/react-query';
import { useAnswer } from '../../data/calls.ts';
import { type Session, useSession } from '../../data/session.tsx';
import type { TableParams } from './view.ts';

/** Rows that are asked for at once. */
export const pageSize = 100;

/** What to ask for one page of the table; whoever asks for the same gets the same answer. */
export function pageQuery(client: Session['client'], params: TableParams, page: number) {
  const asked = { ...params, offset: page * pageSize, limit: pageSize };
  return {
    queryKey: ['hosts.table', asked],
    queryFn: ({ signal }: { signal: AbortSignal }) => client.call('hosts.table', asked, { signal }),
  };
}

/** How many rows the table has; null until that is known. */
export function useTotal(params: TableParams): number | null {
  return useAnswer('hosts.table', { ...params, offset: 0, limit: pageSize }).data?.total ?? null;
}

/** Answers the names of these rows, which are asked for where they are not here. */
export function useNames(params: TableParams): (a: number, b: number) => Promise<string[]> {
  const { client } = useSession();
  const answers = useQueryClient();
  return async (a, b) => {
    const [from, to] = a < b ? [a, b] : [b, a];
    const names: string[] = [];
    for (let page = Math.floor(from / pageSize); page <= Math.floor(to / pageSize); page++) {
      const { items } = await answers.fetchQuery(pageQuery(client, params, page));
      const start = page * pageSize;
      names.push(...items.slice(Math.max(0, from - start), to - start + 1).map(({ name }) => name));
    }
    return names;
  };
}
