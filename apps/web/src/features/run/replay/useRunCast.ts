import type { OmError } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { asOmError } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';
import type { Loaded as LoadedCast } from '../../audit/sessions/useRecording.ts';
import { createRunCast } from './runCast.ts';

interface Loaded {
  readonly loaded: LoadedCast | null;
  /** Only the beginning fits into a page. */
  readonly partly: boolean;
  readonly lines: number;
  readonly error: OmError | null;
}

const nothing: Loaded = { loaded: null, partly: false, lines: 0, error: null };
const linesAtOnce = 5000;
const bytesAtOnce = 1_048_576;

/** The stored output of one server of a run, as a recording. */
export function useRunCast(runId: string, ordinal: number, attempt: number, startedAt: string | null): Loaded {
  const { client } = useSession();
  const [state, setState] = useState(nothing);
  useEffect(() => {
    const stop = new AbortController();
    setState(nothing);
    const load = async () => {
      const cast = createRunCast(startedAt);
      let partly = false;
      let lines = 0;
      for (let next: number | null = 1; next !== null && !partly; ) {
        const at: { kind: 'line'; line: number } = { kind: 'line', line: next };
        const asked = { runId, ordinal, attempt, at, limit: linesAtOnce, maxBytes: bytesAtOnce };
        const page = await client.call('runs.lines', asked, { signal: stop.signal });
        lines += page.lines.length;
        partly = !cast.add(page);
        // Of what still grows, all that is there now.
        next = page.lines.length === 0 ? null : page.next;
        setState({ ...nothing, lines });
      }
      const whole = cast.end();
      setState({ ...nothing, lines, loaded: { cast: whole, count: whole.count, isWhole: true }, partly });
    };
    load().catch((error: unknown) => {
      if (!stop.signal.aborted) setState({ ...nothing, error: asOmError(error) });
    });
    return () => stop.abort();
  }, [client, runId, ordinal, attempt, startedAt]);
  return state;
}
