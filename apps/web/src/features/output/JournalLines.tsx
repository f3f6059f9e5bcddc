import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { toneOf } from '../../ui/stateTones.ts';
import type { Line } from './journal.ts';
import css from './OutputPanel.module.css';
import { outputTexts } from './texts.ts';

interface Props {
  lines: readonly Line[];
  newestOnTop: boolean;
  typed: string;
  /** The line of the hit that one looks at. */
  at: number | null;
}

/** Only the lines that are seen exist. The newest is in view unless somebody has scrolled away from it. */
export function JournalLines({ lines, newestOnTop, typed, at }: Props) {
  const t = useTexts(outputTexts);
  const scroller = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    overscan: 20,
  });
  useEffect(() => {
    const box = scroller.current;
    if (box && follows.current) box.scrollTop = newestOnTop || lines.length === 0 ? 0 : box.scrollHeight;
  }, [lines, newestOnTop]);
  useEffect(() => {
    if (at !== null) virtual.scrollToIndex(at, { align: 'center' });
  }, [at, virtual]);
  return (
    <section
      ref={scroller}
      className={css.lines}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      lang=""
      aria-label={t('title')}
      onScroll={({ currentTarget: box }) => {
        const away = newestOnTop ? box.scrollTop : box.scrollHeight - box.clientHeight - box.scrollTop;
        follows.current = away < 24;
      }}
    >
      <div className={css.all} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div
              key={index}
              className={css.line}
              data-kind={line.kind}
              data-tone={line.state === null ? undefined : toneOf(line.state)}
              data-hit={
                typed !== '' && line.text.toLowerCase().includes(typed.toLowerCase())
                  ? index === at
                    ? 'here'
                    : 'some'
                  : undefined
              }
              style={{ transform: `translateY(${start}px)` }}
            >
              {line.text}
            </div>
          );
        })}
      </div>
    </section>
  );
}
