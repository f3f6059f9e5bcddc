import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import { scrollingOf } from '../../../ui/scroll.ts';
import { clockOf } from '../../../ui/Time.tsx';
import { countUpTo } from './numbers.ts';
import css from './Sessions.module.css';
import { sessionTexts } from './texts.ts';
import type { Timeline } from './timeline.ts';
import type { Transcript } from './transcript.ts';

const row = 24;

interface Props {
  transcript: Transcript;
  /** Lines that are shown, by their place in the list. */
  shown: { readonly count: number; at(index: number): number };
  timeline: Timeline;
  position: number;
  onSeek: (position: number) => void;
}

/** Lines of a transcript, however many: only those in sight exist. The one that is played is kept in sight. */
export function TranscriptLines({ transcript, shown, timeline, position, onSeek }: Props) {
  const t = useTexts(sessionTexts);
  const scroller = useRef<HTMLElement>(null);
  const { ref: sized, height: view } = useElementSize<HTMLElement>();
  const ref = useMergedRef(scroller, sized);
  const [top, setTop] = useState(0);
  const scrolling = scrollingOf(shown.count, row, view);
  const events = timeline.countAt(position);
  const current = countUpTo(shown.count, (index) => transcript.eventOf(shown.at(index)), events - 1) - 1;

  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the replay and other lines, not the scrolling
  useEffect(() => {
    const box = scroller.current;
    if (!box || view === 0) return;
    const first = scrolling.lineAt(box.scrollTop);
    const fits = Math.floor(view / row);
    if (current >= 0 && (current < first || current >= first + fits))
      box.scrollTop = scrolling.topOf(Math.max(0, current - fits + 1));
    setTop(scrolling.lineAt(box.scrollTop));
  }, [current, shown, view]);

  const from = Math.min(Math.floor(top), Math.max(0, shown.count - 1));
  const to = Math.min(shown.count, from + Math.ceil(view / row) + 1);
  return (
    <section
      className={css.lines}
      ref={ref}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
      tabIndex={0}
      aria-label={t('transcript')}
      onScroll={({ currentTarget }) => setTop(scrolling.lineAt(currentTarget.scrollTop))}
    >
      <div style={{ height: scrolling.height }}>
        <div className={css.view} style={{ height: view }} lang="">
          <div style={{ transform: `translateY(${-(top - Math.floor(top)) * row}px)` }}>
            {Array.from({ length: Math.max(0, to - from) }, (_, i) => {
              const index = from + i;
              const line = shown.at(index);
              const at = timeline.positionOf(transcript.eventOf(line));
              return (
                <button
                  key={line}
                  type="button"
                  className={css.line}
                  data-command={transcript.isCommand(line) || undefined}
                  aria-current={index === current ? 'true' : undefined}
                  onClick={() => onSeek(at)}
                >
                  <span className={css.time}>{clockOf(at * 1000)}</span>
                  <span className={css.text}>{safeText(transcript.textOf(line))}</span>
                </button>
              );
            })}
          </div>
        </div>
      </div>
    </section>
  );
}
