import type { Client } from '@omanager/client';
import { finalRunStates, type HostState, type OmError, type Run } from '@omanager/contract';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { useMyRuns } from '../inbox/MyRuns.tsx';
import { type Line, linesOf, type Result, resultsOf, type Words } from './journal.ts';
import { outputTexts } from './texts.ts';

/** Runs that the journal goes back. */
const mostRuns = 20;
const mostLines = 5000;
/** Of servers that gave no output. */
const silentStates: HostState[] = ['unreachable', 'timed_out', 'lost', 'aborted', 'not_started', 'skipped'];

export interface Journal {
  readonly lines: readonly Line[];
  readonly results: readonly Result[];
  readonly loading: boolean;
  readonly error: OmError | null;
}

/** What my runs brought, as text. `cleared`: those that are not shown any more. */
export function useJournal(cleared: ReadonlySet<string>, newestOnTop: boolean): Journal {
  const { client } = useSession();
  const { runs } = useMyRuns();
  const words = useWords();
  const shown = runs.slice(0, mostRuns).filter((run) => !cleared.has(blockKey(run)));
  const answers = useQueries({
    queries: shown.map((run) => ({
      queryKey: ['journal', run.id, run.attempt, run.state],
      queryFn: ({ signal }: { signal: AbortSignal }) => readResults(client, run, signal),
      enabled: finalRunStates.has(run.state),
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const blocks = shown.map((run, i) => ({ run, results: answers[i]?.data ?? [] }));
  const key = blocks.map(({ run, results }) => `${run.id} ${run.revision} ${results.length}`).join();
  const failed = answers.find(({ error }) => error !== null)?.error ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the blocks say is their key
  const lines = useMemo(() => {
    const each = blocks.map(({ run, results }) => linesOf(run, results, words));
    return newestOnTop ? each.flat().slice(0, mostLines) : each.toReversed().flat().slice(-mostLines);
  }, [key, newestOnTop, words.host]);
  return {
    lines,
    results: blocks.flatMap(({ results }) => results),
    loading: answers.some(({ isLoading }) => isLoading),
    error: failed === null ? null : asOmError(failed),
  };
}

/** What is cleared is this attempt: another one is shown again. */
export const blockKey = (run: Run): string => `${run.id}:${run.attempt}`;

async function readResults(client: Client, run: Run, signal: AbortSignal): Promise<Result[]> {
  const folds = await client.call('runs.folds', { runId: run.id, sampleBytes: 8192, limit: 50 }, { signal });
  const named = folds.items.reduce((sum, { count }) => sum + count, 0);
  if (named >= run.total) return resultsOf(run, folds.items, []);
  const silent = await client.call('runs.hosts', { runId: run.id, states: silentStates, limit: 50 }, { signal });
  return resultsOf(
    run,
    folds.items,
    silent.items.filter(({ fold }) => fold === null),
  );
}

function useWords(): Words {
  const t = useTexts(outputTexts);
  const states = useTexts(uiTexts);
  const title = useTitle();
  return {
    host: t('host'),
    result: t('result'),
    exit: t('exit'),
    more: (number) => t('more', { number }),
    progress: (done, total) => `${done}/${total}`,
    state: (state) => states(state),
    title: (run) => safeText(title(run.module.title)),
  };
}
