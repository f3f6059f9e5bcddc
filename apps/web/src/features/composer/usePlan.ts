import type { OmError, ParamsIn, Plan } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';

export interface PlanState {
  /** Of what stood there when it was made; `current` says whether that is what stands there now. */
  readonly plan: Plan | null;
  readonly current: boolean;
  readonly error: OmError | null;
  /** Makes it anew. */
  again(): void;
}

const afterChangeMs = 400;

/** What would run, frozen by the server a moment after the last change; null asks for nothing. */
export function usePlan(asked: ParamsIn<'runs.plan'> | null): PlanState {
  const { client } = useSession();
  const [round, setRound] = useState(0);
  const key = asked === null ? null : `${round} ${JSON.stringify(asked)}`;
  const [made, setMade] = useState<{ key: string; plan: Plan | null; error: OmError | null } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked is compared by what it says, which is key
  useEffect(() => {
    if (asked === null || key === null) return;
    const stop = new AbortController();
    const make = async () => {
      try {
        const plan = await client.call('runs.plan', asked, { signal: stop.signal });
        if (!stop.signal.aborted) setMade({ key, plan, error: null });
      } catch (error) {
        if (!stop.signal.aborted) setMade({ key, plan: null, error: asOmError(error) });
      }
    };
    const timer = setTimeout(() => void make(), afterChangeMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [client, key]);
  const shown = key === null ? null : made;
  return {
    plan: shown?.plan ?? null,
    current: shown !== null && shown.key === key,
    error: shown !== null && shown.key === key ? shown.error : null,
    again: () => setRound((n) => n + 1),
  };
}
