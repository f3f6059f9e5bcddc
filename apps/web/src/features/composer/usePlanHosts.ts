import type { OmError, Plan, ResultOf } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';

export type PlanHost = ResultOf<'runs.planHosts'>['items'][number];

const pageSize = 1000;
const none: readonly PlanHost[] = [];

/** All servers of a plan, page after page, to be searched and copied; they end with whoever looks at them. */
export function usePlanHosts(plan: Plan) {
  const { client } = useSession();
  const [read, setRead] = useState<{ planId: string; hosts: readonly PlanHost[]; all: boolean } | null>(null);
  const [error, setError] = useState<OmError | null>(null);
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a round more reads it again
  useEffect(() => {
    const stop = new AbortController();
    const readAll = async () => {
      const hosts: PlanHost[] = [];
      for (let cursor: string | undefined; ; ) {
        const asked = { planId: plan.id, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
        const page = await client.call('runs.planHosts', asked, { signal: stop.signal });
        hosts.push(...page.items);
        cursor = page.next;
        setRead({ planId: plan.id, hosts: [...hosts], all: cursor === undefined });
        if (cursor === undefined) return;
      }
    };
    setError(null);
    readAll().catch((cause: unknown) => {
      if (!stop.signal.aborted) setError(asOmError(cause));
    });
    return () => stop.abort();
  }, [client, plan.id, round]);

  // While a plan that took its place is read, what stood there stays.
  return { hosts: read?.hosts ?? none, all: read?.all === true, error, retry: () => setRound((n) => n + 1) };
}
