import { useEffect, useMemo, useState } from 'react';
import { inSlices } from './inSlices.ts';
import { createTranscript, type Transcript } from './transcript.ts';
import type { Loaded } from './useRecording.ts';

export interface ReadTranscript {
  readonly transcript: Transcript;
  /** Lines of it that are there to be shown. */
  readonly count: number;
  /** More is being read. */
  readonly reading: boolean;
}

const toldEveryMs = 250;

/** The transcript of the events that count, made while the page goes on: a line of later ones has no place in time yet. */
export function useTranscript({ cast, count, isWhole }: Loaded): ReadTranscript {
  const { transcript, step, end } = useMemo(() => createTranscript(cast), [cast]);
  const [state, setState] = useState({ of: transcript, count: 0, reading: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever more has arrived
  useEffect(() => {
    const stop = new AbortController();
    let told = performance.now();
    void inSlices(
      () => step(count),
      stop.signal,
      () => {
        if (performance.now() - told < toldEveryMs) return;
        told = performance.now();
        setState({ of: transcript, count: transcript.count, reading: true });
      },
    ).then(() => {
      if (stop.signal.aborted) return;
      if (isWhole) end();
      setState({ of: transcript, count: transcript.count, reading: !isWhole });
    });
    return () => stop.abort();
  }, [transcript, count, isWhole]);
  return state.of === transcript
    ? { transcript, count: state.count, reading: state.reading }
    : { transcript, count: 0, reading: true };
}
