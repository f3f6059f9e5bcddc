import type { OmError, Run } from '@omanager/contract';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { asOmError } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';
import { fieldsOf, valuesOfRun } from '../../../forms/params.ts';
import { changeDraft, draft } from '../../composer/draft.ts';
import { selectionOf } from '../../composer/link.ts';

/** Fills the composer in as this run was, as far as it is known: never secrets and files. It starts nothing. */
export function useRunAgain(run: Run): { fill: () => void; busy: boolean; error: OmError | null } {
  const { client } = useSession();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<OmError | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function fill(signal: AbortSignal): Promise<void> {
    const { selector } = run;
    const [module, { total }] = await Promise.all([
      client.call('modules.get', { module: run.module.id }, { signal }),
      client.call('hosts.count', { selector }, { signal }),
    ]);
    const { values } = draft();
    const now = values[module.id] ?? {};
    changeDraft({
      ...{ module: module.id, selection: selectionOf(selector, total), tries: 0, noForm: false },
      values: { ...values, [module.id]: valuesOfRun(fieldsOf(module.params) ?? [], run.params, now) },
      ...{ fromLink: false, linkProblems: [] },
    });
    navigate('/run');
  }

  return {
    fill() {
      stop.current?.abort();
      const controller = new AbortController();
      stop.current = controller;
      setBusy(true);
      setError(null);
      fill(controller.signal)
        .catch((cause: unknown) => {
          if (!controller.signal.aborted) setError(asOmError(cause));
        })
        .finally(() => setBusy(false));
    },
    ...{ busy, error },
  };
}
