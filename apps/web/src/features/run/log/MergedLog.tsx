import { Button } from '@mantine/core';
import type { MergedLine, Run } from '@omanager/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { useStream } from '../../../data/calls.ts';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import { useVisible } from '../../../live/visible.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { AnsiLine } from '../ansi/AnsiLine.tsx';
import { clockTime } from '../parts/clockTime.ts';
import css from './LogPage.module.css';
import { logTexts } from './texts.ts';

/** So many lines stay; the whole is in the logs of the servers. */
const mostLines = 5000;
const rowHeight = 18;

interface Kept {
  readonly lines: readonly (MergedLine & { key: number })[];
  readonly skipped: number;
  readonly behindMs: number;
  readonly next: number;
}

/** What all servers of a run write, in the order in which it arrives. */
export function MergedLog({ run }: { run: Run }) {
  const t = useTexts(logTexts);
  const language = useLanguage();
  const visible = useVisible();
  const [kept, setKept] = useState<Kept>({ lines: [], skipped: 0, behindMs: 0, next: 0 });
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(0);
  const waiting = useRef<{ lines: MergedLine[]; skipped: number; behindMs: number } | null>(null);
  const frame = useRef(0);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  // Events of one frame are shown together.
  const stream = useStream('runs.follow', visible ? { runId: run.id, tailLines: 20 } : null, (event) => {
    const batch = waiting.current ?? { lines: [], skipped: 0, behindMs: 0 };
    if (!waiting.current)
      frame.current = requestAnimationFrame(() => {
        waiting.current = null;
        setKept((was) => taken(was, batch));
      });
    waiting.current = batch;
    batch.lines = [...batch.lines, ...event.lines].slice(-mostLines);
    batch.skipped += event.skipped;
    batch.behindMs = event.behindMs;
  });

  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: kept.lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 30,
  });
  useLayoutEffect(() => {
    if (!following) return;
    if (scroll.current) scroll.current.scrollTop = scroll.current.scrollHeight;
    setSeen(kept.next);
  }, [kept, following]);

  useKeys({ follow: () => setFollowing(!following) });
  useKeys({ top: () => scroll.current?.scrollTo(0, 0), bottom: () => setFollowing(true) }, { within: scroll });

  return (
    <>
      <p className={css.totals}>
        {t('merged')} · {t('mergedWhy')}
        {kept.skipped > 0 && ` · ${t('skipped', { count: kept.skipped })}`}
        {kept.behindMs > 2000 && ` · ${t('behind', { seconds: Math.round(kept.behindMs / 1000) })}`}
      </p>
      {stream.kind === 'failed' && <ErrorNote error={stream.error} />}
      {kept.lines.length === 0 && <EmptyState title={t('empty')}>{t('emptyLive')}</EmptyState>}
      <div
        ref={scroll}
        className={css.merged}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('merged')}
        onScroll={({ currentTarget: element }) =>
          setFollowing(element.scrollTop + element.clientHeight >= element.scrollHeight - 4)
        }
      >
        <div style={{ height: rows.getTotalSize() }} className={css.all} lang="">
          {rows.getVirtualItems().map(({ index, start }) => {
            const line = kept.lines[index];
            if (!line) return null;
            return (
              <div key={line.key} className={css.line} style={{ transform: `translateY(${start}px)` }}>
                <time>{clockTime(line.at, language)}</time>
                <b>{safeText(line.name)}</b>
                <i>{line.stream === 'stderr' ? '!' : ' '}</i>
                <span>
                  <AnsiLine text={line.text} />
                </span>
              </div>
            );
          })}
        </div>
      </div>
      {!following && (
        <Button className={css.pill ?? ''} onClick={() => setFollowing(true)}>
          {t('paused', { count: kept.next - seen })} ↓
        </Button>
      )}
    </>
  );
}

function taken(was: Kept, batch: { lines: readonly MergedLine[]; skipped: number; behindMs: number }): Kept {
  const added = batch.lines.map((line, i) => ({ ...line, key: was.next + i }));
  return {
    lines: [...was.lines, ...added].slice(-mostLines),
    skipped: was.skipped + batch.skipped,
    behindMs: batch.behindMs,
    next: was.next + added.length,
  };
}
