import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useStream } from '../../data/calls.ts';
import { usePages } from '../../data/pages.ts';
import { useSession } from '../../data/session.tsx';
import type { EventFilter } from './eventQuery.ts';
import { arrived, emptyTail, joined, paused, resumed, type Tail } from './tail.ts';

const pageSize = 200;

/** The events of a filter: listed ones by page, and what comes after them live. */
export function useEvents({ from, to, ...filter }: EventFilter) {
  const { client } = useSession();
  const answers = useQueryClient();
  const params = { ...filter, ...(from !== undefined && { from }), ...(to !== undefined && { to }), limit: pageSize };
  const pages = usePages('audit.list', params, (page, signal) =>
    client.call('audit.list', { ...params, ...page }, { signal }),
  );
  const [tail, setTail] = useState<Tail>(emptyTail);
  // Where the live part begins: after the newest of the list as it came first; later ones only repeat what is known.
  const [after, setAfter] = useState<string | null>(null);
  const newest = pages.items[0]?.id;
  const listed = !pages.loading && pages.error === null;
  useEffect(() => {
    if (listed) setAfter((begun) => begun ?? newest ?? '');
  }, [listed, newest]);
  const stream = useStream(
    'audit.follow',
    after === null || to !== undefined ? null : { ...filter, ...(after === '' ? {} : { after }) },
    ({ events }) => setTail((now) => arrived(now, events)),
  );
  const items = useMemo(() => joined(tail.shown, pages.items), [tail.shown, pages.items]);
  /** From the first page on, as if just opened. */
  function again(): void {
    setTail(emptyTail);
    setAfter(null);
    void answers.resetQueries({ queryKey: ['audit.list', 'pages', params] });
  }
  // Once more came than is kept there would be a gap below: nothing is shown that is not whole.
  const gap = tail.overrun && !tail.paused;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is made anew with every render
  useEffect(() => {
    if (gap) again();
  }, [gap]);
  return {
    pages: { ...pages, items, again },
    tail,
    stream,
    pause: () => setTail(paused),
    resume: () => setTail(resumed),
  };
}
