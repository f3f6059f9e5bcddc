import type { HostState, OutputChoice, ReadAs } from '@omanager/contract';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { asOmError, useStream } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';
import { useVisible } from '../../../live/visible.ts';
import { createLineSource, type LineSource } from './lineSource.ts';

/** New lines are looked for at most so often, and at once after a time without. */
const paceMs = 150;

/** The lines of one server's output. While it grows, what arrives says only that there is more: lines are read where they are shown. */
export function useLineSource(
  { runId, ordinal, attempt, stream }: { runId: string; ordinal: number; attempt: number; stream: OutputChoice },
  growing: boolean,
  state: HostState | undefined,
  readAs: ReadAs,
): LineSource {
  const { client } = useSession();
  const visible = useVisible();
  const encoding = useRef(readAs);
  const source = useMemo(
    () =>
      createLineSource(
        (at, limit) =>
          client.call('runs.lines', { runId, ordinal, attempt, stream, at, limit, readAs: encoding.current }),
        asOmError,
      ),
    [client, runId, ordinal, attempt, stream],
  );
  // Read otherwise, the lines are the same ones: the place in the log stays.
  useEffect(() => {
    if (encoding.current === readAs) return;
    encoding.current = readAs;
    source.restart();
  }, [source, readAs]);
  useSyncExternalStore(source.subscribe, () => source.version);

  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const lookedAt = useRef(Number.NEGATIVE_INFINITY);
  const soon = () => {
    timer.current ??= setTimeout(
      () => {
        timer.current = null;
        lookedAt.current = performance.now();
        source.refresh();
      },
      Math.max(0, lookedAt.current + paceMs - performance.now()),
    );
  };
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  // Its last lines are looked for once more at the end, which may come without it having been seen growing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `growing`, `state` and `visible` say when to look again
  useEffect(() => source.refresh(), [source, growing, state, visible]);
  useStream('runs.follow', growing && visible ? { runId, hosts: [ordinal], tailLines: 0 } : null, soon);
  return source;
}
