import type { Run } from '@omanager/contract';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import { type Moment, momentsOf } from '../parts/moments.ts';
import { useSlow } from '../parts/slow.ts';
import { DurationChart } from '../servers/DurationChart.tsx';
import { duration } from '../servers/duration.ts';
import { RateChart } from '../servers/RateChart.tsx';
import css from './details.module.css';
import { detailTexts } from './texts.ts';

const mostSlow = 20;

/** What happened when, how fast, and which servers took longest. */
export function Timeline({ store, run }: { store: RunStore; run: Run }) {
  const t = useTexts(detailTexts);
  const language = useLanguage();
  const version = useSlow(store.version, 1000);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that servers changed
  const { moments, slowest } = useMemo(
    () => ({
      moments: momentsOf(run, store.hosts()),
      slowest: [...store.hosts()]
        .filter(({ durationMs }) => durationMs !== null)
        .sort((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0))
        .slice(0, mostSlow),
    }),
    [run, store, version],
  );
  const longest = slowest[0]?.durationMs ?? 1;
  const words = (moment: Moment): string => {
    switch (moment.kind) {
      case 'wave':
        return t('waveBegan', { n: moment.wave });
      case 'firstNotOk':
        return t('firstNotOk', { name: safeText(moment.name) });
      case 'created':
      case 'started':
      case 'ended':
        return t(moment.kind);
    }
  };
  return (
    <div className={css.page}>
      <section>
        <h2>{t('moments')}</h2>
        <table className={`${css.table} ${css.moments}`}>
          <thead>
            <tr>
              <th>{t('time')}</th>
              <th>{t('moment')}</th>
            </tr>
          </thead>
          <tbody>
            {moments.map((moment) => (
              <tr key={words(moment)}>
                <td className={css.time}>
                  <time dateTime={moment.at}>{fullTime(moment.at, language)}</time>
                </td>
                <td>{words(moment)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <RateChart {...{ store, run }} />
      </section>
      <section>
        <DurationChart {...{ store, run }} />
      </section>
      <section>
        <h2>{t('slowest')}</h2>
        {slowest.length === 0 ? (
          <EmptyState title={t('noneEnded')}>{t('noneEndedWhy')}</EmptyState>
        ) : (
          <table className={css.table}>
            <tbody>
              {slowest.map(({ ordinal, name, state, durationMs }) => (
                <tr key={ordinal}>
                  <td className={css.mono}>
                    <Link href={`/runs/${run.id}/log/${ordinal}`}>{safeText(name)}</Link>
                  </td>
                  <td>
                    <StateLabel state={state} />
                  </td>
                  <td className={css.mono}>{duration(durationMs ?? 0)}</td>
                  <td className={css.bar}>
                    <i
                      data-bad={state !== 'ok' || undefined}
                      style={{ width: `${((durationMs ?? 0) / longest) * 100}%` }}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}
