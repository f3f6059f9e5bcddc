import { Switch, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import { clockOf } from '../../../ui/Time.tsx';
import css from './Sessions.module.css';
import { sessionTexts } from './texts.ts';
import type { Timeline } from './timeline.ts';
import type { TranscriptLine } from './transcript.ts';

interface Props {
  lines: readonly TranscriptLine[];
  timeline: Timeline;
  position: number;
  onSeek: (position: number) => void;
}

/** What was shown, to read, to search, and to go to. */
export function Transcript({ lines, timeline, position, onSeek }: Props) {
  const t = useTexts(sessionTexts);
  const [words, setWords] = useState('');
  const [commandsOnly, setCommandsOnly] = useState(false);
  const scroller = useRef<HTMLElement>(null);
  const hasCommands = lines.some(({ command }) => command);
  const shown = useMemo(() => {
    const wanted = words.toLowerCase();
    return lines.filter(
      ({ text, command }) => (!commandsOnly || command) && (wanted === '' || text.toLowerCase().includes(wanted)),
    );
  }, [lines, words, commandsOnly]);
  const now = timeline.countAt(position) - 1;
  let current = -1;
  for (let low = 0, high = shown.length - 1; low <= high; ) {
    const middle = (low + high) >> 1;
    if ((shown[middle]?.event ?? 0) <= now) {
      current = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 24,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the replay, not the filter
  useEffect(() => {
    if (current >= 0) virtual.scrollToIndex(current);
  }, [current]);
  return (
    <div className={css.transcript}>
      <div className={css.find}>
        <TextInput
          aria-label={t('find')}
          placeholder={t('find')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        {hasCommands && (
          <Switch
            label={t('commandsOnly')}
            checked={commandsOnly}
            onChange={(event) => setCommandsOnly(event.currentTarget.checked)}
          />
        )}
        <span className={css.note}>{t('hits', { count: shown.length })}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys */}
      <section className={css.lines} ref={scroller} tabIndex={0} aria-label={t('transcript')}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = shown[index];
            if (!line) return null;
            return (
              <button
                key={index}
                type="button"
                className={css.line}
                style={{ transform: `translateY(${start}px)` }}
                data-command={line.command || undefined}
                aria-current={index === current ? 'true' : undefined}
                onClick={() => onSeek(timeline.positionOf(line.event))}
              >
                <span className={css.time}>{clockOf(timeline.positionOf(line.event) * 1000)}</span>
                <span className={css.text}>{safeText(line.text)}</span>
              </button>
            );
          })}
        </div>
      </section>
    </div>
  );
}
