import { memo } from 'react';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import { fullTime } from '../../../ui/Time.tsx';
import { AnsiLine } from '../ansi/AnsiLine.tsx';
import { clockTime } from '../parts/clockTime.ts';
import { bytesText } from './bytesText.ts';
import css from './LogLines.module.css';
import type { TimedLine } from './lineSource.ts';
import { logTexts } from './texts.ts';

/** One line: its number is a link to it, error output is marked. */
export const LogRow = memo(function LogRow({
  number,
  line,
  hit,
  marked,
  times,
  onMark,
}: {
  number: number;
  /** Not there yet: an empty row keeps its place. */
  line: TimedLine | undefined;
  hit: boolean;
  marked: boolean;
  times: boolean;
  onMark: (line: number, extend: boolean) => void;
}) {
  const t = useTexts(logTexts);
  const language = useLanguage();
  return (
    <div className={css.row} data-hit={hit || undefined} data-marked={marked || undefined}>
      <a
        className={css.number}
        href={`#L${number}`}
        tabIndex={-1}
        aria-label={t('copyLink', { line: number })}
        onClick={(event) => {
          event.preventDefault();
          onMark(number, event.shiftKey);
        }}
      >
        {number}
      </a>
      {times && (
        <time className={css.time} dateTime={line?.at} title={line?.at && fullTime(line.at, language)}>
          {line?.at && clockTime(line.at, language)}
        </time>
      )}
      <span className={css.mark} title={line?.stream === 'stderr' ? t('stderr') : undefined}>
        {line?.stream === 'stderr' ? '!' : ' '}
      </span>
      <span className={css.text}>
        {line && <AnsiLine text={line.text} />}
        {line?.end === 'cut' && <em className={css.cut}>{t('lineCut', { size: bytesText(line.bytes) })}</em>}
      </span>
    </div>
  );
});
