import type { HostState, Run } from '@omanager/contract';
import { IconChevronLeft } from '@tabler/icons-react';
import { Link as Anchor } from 'wouter';
import { useLanguage, useTexts, useTitle } from '../../../i18n/useTexts.ts';
import type { Link } from '../../../live/link.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { EnvironmentChip } from '../../../ui/EnvironmentChip.tsx';
import { FractionBar } from '../../../ui/FractionBar.tsx';
import layout from '../../../ui/layout.module.css';
import { RiskChip } from '../../../ui/RiskChip.tsx';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import { clockTime } from '../parts/clockTime.ts';
import { runTexts } from '../texts.ts';
import { Announcer } from './Announcer.tsx';
import { Controls } from './Controls.tsx';
import { RunClock } from './RunClock.tsx';
import css from './RunHeader.module.css';
import { StateCounts } from './StateCounts.tsx';
import { doneCount } from './steering.ts';
import { readStopReason } from './stopReason.ts';
import { WaveStrip } from './WaveStrip.tsx';

/** What runs, where, who wants it, how far it is, and what can be done about it. */
export function RunHeader({
  store,
  run,
  link,
  only,
  reading,
  onOnly,
  onRetry,
}: {
  store: RunStore;
  run: Run;
  link: Link;
  only: HostState | null;
  /** A log is below: on a phone it gets the place. */
  reading: boolean;
  onOnly: (state: HostState | null) => void;
  onRetry: () => void;
}) {
  const t = useTexts(runTexts);
  function whyStopped(said: string): string {
    const reason = readStopReason(said);
    return reason === null ? safeText(said) : t(reason.kind, { ...reason });
  }
  const titleOf = useTitle();
  const language = useLanguage();
  const title = safeText(titleOf(run.module.title));
  const numbers = { done: doneCount(run.counts), total: run.total };
  return (
    <header className={css.header} data-reading={reading || undefined}>
      <div className={css.line}>
        <Anchor href="/runs" className={css.back} aria-label={t('back')}>
          <IconChevronLeft size={20} stroke={1.5} aria-hidden="true" />
        </Anchor>
        <h1 className={css.title} title={title}>
          {title}
        </h1>
        <span className={css.number}>#{run.number}</span>
        {environmentsOf(store).map((environment) => (
          <EnvironmentChip key={environment} environment={environment} />
        ))}
        <span className={css.risk}>
          <RiskChip risk={run.module.risk} />
        </span>
        {run.attempt > 1 && (
          <span className={layout.tag} title={t('attemptTitle', { n: run.attempt })}>
            {t('attempt', { n: run.attempt })}
          </span>
        )}
        <span className={css.who}>
          {safeText(run.startedBy)}
          {run.reason && ` · ${safeText(run.reason)}`}
        </span>
        <span className={css.clock}>
          <StateLabel state={run.state} />
          <RunClock {...{ run, version: store.version, up: link.up }} />
        </span>
      </div>
      <p className={css.big}>{t('finishedOf', numbers)}</p>
      <FractionBar counts={run.counts} />
      <div className={css.counts}>
        <b className={css.done}>{t('finished', numbers)}</b>
        <StateCounts {...{ counts: run.counts, only, onOnly }} />
      </div>
      {run.stopReason && <p className={css.note}>{t('stoppedBecause', { why: whyStopped(run.stopReason) })}</p>}
      {run.outputRemovedAt && (
        <p className={css.note}>{t('outputRemoved', { time: fullTime(run.outputRemovedAt, language) })}</p>
      )}
      {!link.up && <p className={css.note}>{t('asOf', { time: clockTime(link.since, language) })}</p>}
      <Announcer run={run} />
      <div className={css.steer}>
        <WaveStrip run={run} />
        <Controls {...{ store, run, link, onRetry }} />
      </div>
    </header>
  );
}

function environmentsOf(store: RunStore): string[] {
  const environments = new Set<string>();
  for (const { environment } of store.hosts()) environments.add(environment);
  return [...environments].sort().slice(0, 4);
}
