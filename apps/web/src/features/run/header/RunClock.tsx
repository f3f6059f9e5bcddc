import { finalRunStates, type Run } from '@omanager/contract';
import { useEffect, useState } from 'react';
import { useAnswer } from '../../../data/calls.ts';
import { useMay } from '../../../data/session.tsx';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import { useNow } from '../../../ui/now.ts';
import { clockOf, fullTime } from '../../../ui/Time.tsx';
import { runTexts } from '../texts.ts';
import { estimateOf } from './estimate.ts';
import css from './RunHeader.module.css';
import { doneCount } from './steering.ts';

/** So long nothing happens in many runs; longer is worth a word. */
const quietMs = 10_000;

/** How long it runs, will run, and has said nothing. It stands still when the run is over or nobody knows how it goes. */
export function RunClock({ run, version, up }: { run: Run; version: number; up: boolean }) {
  const t = useTexts(runTexts);
  const language = useLanguage();
  const over = finalRunStates.has(run.state);
  const goes = run.state === 'running' && run.holdUntil === null && up;
  const now = useNow(up && !over ? 1000 : 0);
  const usage = useAnswer('modules.usage', { modules: [run.module.id] }, { enabled: useMay()('module.read') && !over });
  const [news, setNews] = useState(now);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that something was heard
  useEffect(() => setNews(Date.now()), [version]);

  const elapsedMs = (run.endedAt ? Date.parse(run.endedAt) : now) - Date.parse(run.startedAt ?? run.createdAt);
  // A retry has the time of the attempts before it in its clock, and a run without end none to guess.
  const estimate =
    goes && !run.follow && run.attempt === 1
      ? estimateOf({
          ...{ done: doneCount(run.counts), total: run.total, elapsedMs },
          typicalMs: usage.data?.items[0]?.typicalMs ?? null,
        })
      : null;
  const quiet = goes ? now - news : 0;
  return (
    <>
      {quiet >= quietMs && (
        <span className={css.quiet} title={t('quietWhy')}>
          {t('quiet', { seconds: Math.floor(quiet / 1000) })}
        </span>
      )}
      <span className={css.times}>
        <time dateTime={run.createdAt} title={`${t('elapsed')} · ${fullTime(run.createdAt, language)}`}>
          {clockOf(elapsedMs)}
        </time>
        {estimate && (
          <span title={t(estimate.by === 'pace' ? 'estimateByPace' : 'estimateByPast')}>
            {' / '}
            {t('about', { time: clockOf(estimate.ms) })}
          </span>
        )}
      </span>
    </>
  );
}
