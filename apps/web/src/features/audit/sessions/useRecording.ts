import type { OmError } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { asOmError } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';
import type { Cast } from './cast.ts';
import { createCastReader } from './castFile.ts';

/** A recording as far as it is in the page. */
export interface Loaded {
  readonly cast: Cast;
  /** Events of it that count: what is there grows. */
  readonly count: number;
  /** No more comes. */
  readonly isWhole: boolean;
}

export interface LoadedRecording {
  readonly loaded: Loaded | null;
  /** Only the beginning fits into a page. */
  readonly partly: boolean;
  readonly done: number;
  readonly of: number;
  readonly error: OmError | null;
}

const nothing: LoadedRecording = { loaded: null, partly: false, done: 0, of: 0, error: null };
const toldEveryMs = 250;

/** The file of a recording, verified by the server while it comes; what is there can be played. */
export function useRecording(id: string): LoadedRecording {
  const { client } = useSession();
  const [state, setState] = useState(nothing);
  useEffect(() => {
    const stop = new AbortController();
    setState(nothing);
    const load = async () => {
      const { cast, add } = createCastReader();
      let partly = false;
      let told = Number.NEGATIVE_INFINITY;
      for await (const { chunk, of, text } of client.stream('recordings.play', { id }, { signal: stop.signal })) {
        partly = !add(text);
        if (partly) break;
        if (performance.now() - told < toldEveryMs || chunk === of) continue;
        told = performance.now();
        setState({ ...nothing, loaded: { cast, count: cast.count, isWhole: false }, done: chunk, of });
      }
      setState({ ...nothing, loaded: { cast, count: cast.count, isWhole: true }, partly });
    };
    load().catch((cause: unknown) => {
      // What came before stays: one may see how far it is right.
      if (!stop.signal.aborted) setState((before) => ({ ...before, error: asOmError(cause) }));
    });
    return () => stop.abort();
  }, [client, id]);
  return state;
}
