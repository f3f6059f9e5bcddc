import { VisuallyHidden } from '@mantine/core';
import { finalRunStates, type Run } from '@omanager/contract';
import { useMemo } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { useSlow } from '../parts/slow.ts';
import { runTexts } from '../texts.ts';
import { announced } from './announcement.ts';
import { doneCount, notOkCount } from './steering.ts';

const everyMs = 10_000;

/** For who cannot see the page: how the run goes, at most every ten seconds; its end at once. */
export function Announcer({ run }: { run: Run }) {
  const t = useTexts(runTexts);
  const tState = useTexts(uiTexts);
  const over = finalRunStates.has(run.state);
  const key = useSlow(announced(run), over ? 0 : everyMs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts of the moment in which it is said
  const words = useMemo(
    () =>
      t('announce', {
        ...{ state: tState(run.state), done: doneCount(run.counts), total: run.total },
        notOk: notOkCount(run.counts),
      }),
    [key, t, tState],
  );
  return <VisuallyHidden role="status">{words}</VisuallyHidden>;
}
