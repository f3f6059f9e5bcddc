import type { HostRow } from '@omanager/contract';
import { useQueries } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useFixedRows } from '../../ui/useFixedRows.ts';
import { pageQuery, pageSize } from './tablePages.ts';
import type { TableParams } from './view.ts';

/** Rows beyond those that exist, on each side, whose page is asked for. */
const ahead = 40;

/** The rows of the table that are seen, asked for in pages; the rest of ten thousand stays on the server. */
export function useServerRows(params: TableParams, rowHeight: number) {
  const { client } = useSession();
  const [total, setTotal] = useState<number | null>(null);
  const { scroller, items, inSight, virtual } = useFixedRows(total ?? 0, rowHeight);
  // Asked for before they are seen: rows that come into sight mostly say at once what they have to say.
  const end = Math.max(0, (total ?? 0) - 1);
  const first = Math.floor(Math.max(0, (items[0]?.index ?? 0) - ahead) / pageSize);
  const last = Math.floor(Math.min(end, (items.at(-1)?.index ?? 0) + ahead) / pageSize);
  const pages = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const found = useQueries({ queries: pages.map((page) => pageQuery(client, params, page)) });
  const known = found.find(({ data }) => data !== undefined)?.data?.total;
  const failed = found.find(({ error }) => error !== null)?.error;

  useEffect(() => {
    if (known !== undefined) setTotal(known);
  }, [known]);
  const key = JSON.stringify(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another table begins at its top
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [key, scroller]);

  return {
    scroller,
    virtual,
    items,
    inSight,
    total: total ?? 0,
    loading: known === undefined && failed === undefined,
    error: failed === undefined ? null : asOmError(failed),
    retry: () => Promise.all(found.map(({ refetch }) => refetch())),
    rowAt: (index: number): HostRow | undefined => {
      const page = Math.floor(index / pageSize);
      return found[page - first]?.data?.items[index - page * pageSize];
    },
  };
}

export type ServerRows = ReturnType<typeof useServerRows>;
