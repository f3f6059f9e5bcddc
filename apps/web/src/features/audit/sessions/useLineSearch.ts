import { useEffect, useMemo, useState } from 'react';
import type { Cast } from './cast.ts';
import { type Search, searchLines } from './findLines.ts';
import { inSlices } from './inSlices.ts';
import { textAt } from './transcript.ts';
import type { ReadTranscript } from './useTranscript.ts';

export interface LineSearch {
  readonly search: Search;
  /** Of its hits, so many are there to be shown. */
  readonly count: number;
  /** How much was looked through, from 0 to 1; null: all. */
  readonly share: number | null;
}

const toldEveryMs = 100;

/** Looks through a transcript for words while the page goes on; null where there are none. */
export function useLineSearch(cast: Cast, { transcript, count }: ReadTranscript, words: string): LineSearch | null {
  const search = useMemo(
    () => (words === '' ? null : searchLines(transcript, (from, to) => textAt(cast, from, to), words)),
    [cast, transcript, words],
  );
  const [state, setState] = useState<{ of: Search | null; count: number; share: number | null }>({
    ...{ of: null, count: 0, share: 0 },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever there are more lines
  useEffect(() => {
    if (!search) return;
    const stop = new AbortController();
    let told = performance.now();
    void inSlices(search.step, stop.signal, () => {
      if (performance.now() - told < toldEveryMs) return;
      told = performance.now();
      setState({ of: search, count: search.hits.length, share: search.done / Math.max(1, transcript.count) });
    }).then(() => {
      if (!stop.signal.aborted) setState({ of: search, count: search.hits.length, share: null });
    });
    return () => stop.abort();
  }, [search, count]);
  if (!search) return null;
  return state.of === search ? { search, count: state.count, share: state.share } : { search, count: 0, share: 0 };
}
