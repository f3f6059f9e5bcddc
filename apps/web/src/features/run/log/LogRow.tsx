import type { OutputLine } from '@omanager/contract';
import { memo } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import { AnsiLine } from '../ansi/AnsiLine.tsx';
import { bytesText } from './bytesText.ts';
import css from './LogLines.module.css';
import { logTexts } from './texts.ts';

/** One line: its number is a link to it, error output is marked. */
export const LogRow = memo(function LogRow({
  number,
  line,
  hit,
  marked,
  onMark,
}: {
  number: number;
  /** Not there yet: an empty row keeps its place. */
  line: OutputLine | undefined;
  hit: boolean;
  marked: boolean;
  onMark: (line: number, extend: boolean) => void;
}) {
  const t = useTexts(logTexts);
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
