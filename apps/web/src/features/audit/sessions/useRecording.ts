import type { OmError } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { asOmError } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';
import { type CastFile, createCastReader } from './castFile.ts';

export interface LoadedRecording {
  readonly file: CastFile | null;
  /** Only the beginning fits into a page. */
  readonly partly: boolean;
  readonly done: number;
  readonly of: number;
  readonly error: OmError | null;
}

const nothing: LoadedRecording = { file: null, partly: false, done: 0, of: 0, error: null };

/** The file of a recording, verified by the server while it comes. */
export function useRecording(id: string): LoadedRecording {
  const { client } = useSession();
  const [state, setState] = useState(nothing);
  useEffect(() => {
    const stop = new AbortController();
    setState(nothing);
    const load = async () => {
      const reader = createCastReader();
      let partly = false;
      for await (const { chunk, of, text } of client.stream('recordings.play', { id }, { signal: stop.signal })) {
        partly = !reader.add(text);
        if (partly) break;
        if (chunk % 20 === 0) setState({ ...nothing, done: chunk, of });
      }
      setState({ ...nothing, file: reader.file(), partly });
    };
    load().catch((error: unknown) => {
      if (!stop.signal.aborted) setState({ ...nothing, error: asOmError(error) });
    });
    return () => stop.abort();
  }, [client, id]);
  return state;
}
