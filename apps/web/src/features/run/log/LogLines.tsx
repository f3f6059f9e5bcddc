import { Button } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { scrollingOf } from '../../../ui/scroll.ts';
import css from './LogLines.module.css';
import { LogRow } from './LogRow.tsx';
import type { LineSource } from './lineSource.ts';
import { logTexts } from './texts.ts';

const row = 18;
const ahead = 100;

export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Lines by their number, however many: only those in sight are in the page. At the end it follows what comes; scrolled
 * away from there nothing moves, and it says how much is new.
 */
export function LogLines({
  source,
  growing,
  wrap,
  times,
  marked,
  hits,
  goTo,
  onMark,
  empty,
}: {
  source: LineSource;
  growing: boolean;
  wrap: boolean;
  /** Each line with the time at which it arrived. */
  times: boolean;
  marked: LineRange | null;
  /** Lines that a search found. */
  hits: ReadonlySet<number>;
  /** Another object each time that a line is to be shown. */
  goTo: { line: number } | null;
  onMark: (line: number, extend: boolean) => void;
  empty: ReactNode;
}) {
  const t = useTexts(logTexts);
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sized, height: view } = useElementSize<HTMLDivElement>();
  const ref = useMergedRef(scroller, sized);
  const first = source.totals?.first ?? 1;
  const last = source.totals?.lines ?? 0;
  const count = Math.max(0, last - first + 1);
  const scrolling = scrollingOf(count, row, view);
  const [following, setFollowing] = useState(growing && goTo === null);
  const [seen, setSeen] = useState(0);
  const [top, setTop] = useState(0);
  const topLine = useRef(0);

  // More lines, another height: at the end it stays there, elsewhere the line at the top does.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the size of the log or of the window changes
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || view === 0) return;
    element.scrollTop = following ? scrolling.height : scrolling.topOf(topLine.current);
    topLine.current = scrolling.lineAt(element.scrollTop);
    setTop(topLine.current);
    if (following) setSeen(last);
  }, [count, view, following]);

  const known = source.totals !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `goTo` is another object each time
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!goTo || !element || view === 0 || !known) return;
    setFollowing(false);
    topLine.current = Math.max(0, goTo.line - first - Math.floor(view / row / 3));
    element.scrollTop = scrolling.topOf(topLine.current);
    setTop(topLine.current);
  }, [goTo, known, view === 0]);

  const from = first + Math.floor(top);
  const to = Math.min(last, from + Math.ceil(view / row) + 1);
  useEffect(() => source.want(Math.max(first, from - ahead), to + ahead), [source, first, from, to]);

  useKeys({ follow: () => setFollowing(!following) }, { enabled: growing });
  const scrollTo = (to: number) => scroller.current?.scrollTo(0, to);
  useKeys(
    {
      ...{ top: () => scrollTo(0), bottom: () => scrollTo(scrolling.height) },
      down: () => scrollTo(scrolling.topOf(topLine.current + 1)),
      up: () => scrollTo(scrolling.topOf(Math.max(0, topLine.current - 1))),
    },
    { within: scroller },
  );

  const atEnd = count > 0 && top >= count - view / row - 0.01;
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  const fresh = Math.max(0, last - seen);
  return (
    <div className={css.log}>
      <div
        ref={ref}
        className={css.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('logOutput')}
        onScroll={(event) => {
          const element = event.currentTarget;
          // By its height of now: where that grew, the browser scrolled and nobody else.
          const end = element.scrollTop + element.clientHeight >= scrolling.height - 2;
          topLine.current = scrolling.lineAt(element.scrollTop);
          setTop(topLine.current);
          if (end || following) setSeen(last);
          if (growing || !end) setFollowing(end && growing);
        }}
      >
        <div style={{ height: scrolling.height }}>
          <div className={css.view} style={{ height: view }} data-wrap={wrap || undefined} lang="">
            <div
              className={css.rows}
              data-end={(atEnd && wrap && count * row > view) || undefined}
              style={{ transform: atEnd && wrap ? undefined : `translateY(${-(top - Math.floor(top)) * row}px)` }}
            >
              {numbers.map((number) => (
                <LogRow
                  key={number}
                  number={number}
                  line={source.line(number)}
                  hit={hits.has(number)}
                  marked={marked !== null && number >= marked.from && number <= marked.to}
                  {...{ times, onMark }}
                />
              ))}
            </div>
          </div>
        </div>
      </div>
      {known && count === 0 && <div className={css.empty}>{empty}</div>}
      {growing && !following && count > 0 && (
        <Button className={css.pill ?? ''} title={withKey(t('resume'), 'follow')} onClick={() => setFollowing(true)}>
          {fresh > 0 ? t('paused', { count: fresh }) : t('resume')} ↓
        </Button>
      )}
    </div>
  );
}
