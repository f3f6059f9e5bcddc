import { Button } from '@mantine/core';
import { finalHostStates, type Run } from '@omanager/contract';
import { useCallback, useEffect, useState } from 'react';
import { useSearch as useQueryString } from 'wouter';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { bytesText } from './bytesText.ts';
import { CompareLog } from './CompareLog.tsx';
import { useComparison } from './comparison.ts';
import { FindInLog } from './FindInLog.tsx';
import { LogHead } from './LogHead.tsx';
import { type LineRange, LogLines } from './LogLines.tsx';
import css from './LogPage.module.css';
import { LogTools } from './LogTools.tsx';
import { hashOf, rangeOf } from './lineHash.ts';
import { logTexts } from './texts.ts';
import { useLineSource } from './useLineSource.ts';
import { useLogView } from './useLogView.ts';
import { ViewTools } from './ViewTools.tsx';

const noHits: ReadonlySet<number> = new Set();

/** What one server wrote, line by line. */
export function ServerLog({ store, run, ordinal }: { store: RunStore; run: Run; ordinal: number }) {
  const t = useTexts(logTexts);
  const host = store.host(ordinal);
  const asked = Number(new URLSearchParams(useQueryString()).get('attempt'));
  const attempt = Number.isInteger(asked) && asked > 0 ? asked : (host?.attempt ?? 1);
  const current = host !== undefined && attempt === host.attempt;
  const growing = current && !finalHostStates.has(host.state);
  const [stderrOnly, setStderrOnly] = useState(false);
  const view = useLogView(host?.hostId);
  const [comparison, compare] = useComparison();
  const compared = current ? comparison : null;
  const source = useLineSource(
    { runId: run.id, ordinal, attempt, stream: stderrOnly ? 'stderr' : 'both' },
    growing && host.state === 'running',
    current ? host.state : undefined,
    view.readAs,
  );
  const [marked, setMarked] = useState<LineRange | null>(() => rangeOf(location.hash));
  const [goTo, setGoTo] = useState<{ line: number } | null>(() => {
    const range = rangeOf(location.hash);
    return range && { line: range.from };
  });
  const [hits, setHits] = useState<ReadonlySet<number>>(noHits);

  // A hit of the search may be in the log that is open already.
  useEffect(() => {
    const onHash = () => {
      const range = rangeOf(location.hash);
      setMarked(range);
      if (range) setGoTo({ line: range.from });
    };
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);

  const onMark = useCallback((line: number, extend: boolean) => {
    setMarked((was) => {
      const range =
        extend && was ? { from: Math.min(was.from, line), to: Math.max(was.to, line) } : { from: line, to: line };
      history.replaceState(history.state, '', hashOf(range));
      return range;
    });
  }, []);
  const show = useCallback((line: number) => {
    setGoTo({ line });
    setMarked({ from: line, to: line });
  }, []);

  const toggleCompare = () => compare(compared ? null : { against: 'most', by: 'masked' });
  useKeys({ diff: toggleCompare }, { enabled: run.total > 1 && current });

  const first = source.totals?.first ?? 1;
  return (
    <section className={css.page} aria-label={t('log', { name: safeText(host?.name ?? '') })}>
      <LogHead {...{ store, run, host, attempt, totals: source.totals }} />
      <div className={css.tools}>
        <FindInLog {...{ runId: run.id, ordinal }} onHits={setHits} onShow={show} disabled={!current || stderrOnly} />
        <ViewTools view={view} found={source.encoding} />
        <Button
          size="xs"
          aria-pressed={stderrOnly}
          onClick={() => {
            setStderrOnly(!stderrOnly);
            setMarked(null);
          }}
        >
          {t('stderrOnly')}
        </Button>
        {run.total > 1 && (
          <Button
            {...{ size: 'xs', disabled: !current, title: withKey(t('compareWhy'), 'diff') }}
            aria-pressed={compared !== null}
            onClick={toggleCompare}
          >
            {t('compare')}
          </Button>
        )}
        <LogTools
          {...{ store, run, host, ordinal, attempt, marked, readAs: view.readAs }}
          stream={stderrOnly ? 'stderr' : 'both'}
        />
      </div>
      {source.error && <ErrorNote error={source.error} onRetry={source.refresh} />}
      {first > 1 && <p className={css.note}>{t('older', { line: first })}</p>}
      {compared ? (
        <CompareLog {...{ store, run, ordinal, comparison: compared, readAs: view.readAs }} onChange={compare} />
      ) : (
        <LogLines
          key={`${attempt} ${stderrOnly}`}
          {...{ source, growing, wrap: view.wrap, times: view.times, marked, hits, goTo, onMark }}
          empty={
            <EmptyState title={t('empty')}>
              {host?.message ? safeText(host.message) : t(growing ? 'emptyLive' : 'emptyOver')}
            </EmptyState>
          }
        />
      )}
      {source.cut && (
        <p className={css.note}>
          {t('cut')} {source.discardedBytes > 0 && t('discarded', { size: bytesText(source.discardedBytes) })}
        </p>
      )}
    </section>
  );
}
