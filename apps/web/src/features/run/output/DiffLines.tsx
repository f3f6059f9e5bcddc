import type { DiffHunk, OmError, ResultOf } from '@omanager/contract';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { withoutAnsi } from '../ansi/ansi.ts';
import css from './OutputPane.module.css';
import { outputTexts } from './texts.ts';

const signs = { both: ' ', left: '-', right: '+' } as const;

/** How one output differs from another, each change with the lines around it. */
export function DiffLines({ answer }: { answer: UseQueryResult<ResultOf<'runs.diff'>, OmError> }) {
  const t = useTexts(outputTexts);
  if (answer.error) return <ErrorNote error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return <p className={css.note}>{t('working')}</p>;
  const { hunks, cut } = answer.data;
  return (
    <>
      {hunks.map((hunk) => (
        <div
          key={`${hunk.stream} ${hunk.leftLine} ${hunk.rightLine}`}
          className={css.text}
          data-stream={hunk.stream}
          tabIndex={-1}
          data-change
        >
          {numbered(hunk).map(({ key, kind, number, text }) => (
            <div key={key} className={css.line} data-kind={kind}>
              <i>{number}</i>
              <u>{signs[kind]}</u>
              <span>{safeText(withoutAnsi(text))}</span>
            </div>
          ))}
        </div>
      ))}
      {(cut.input || cut.hunks || cut.detail) && <p className={css.note}>{t('cut')}</p>}
    </>
  );
}

/** Each line with its number in the output that it is of. */
function numbered({ leftLine, rightLine, lines }: DiffHunk) {
  let left = leftLine;
  let right = rightLine;
  return lines.map(({ kind, text }) => {
    const number = kind === 'left' ? left : right;
    if (kind !== 'right') left += 1;
    if (kind !== 'left') right += 1;
    return { key: `${kind}${number}`, kind, number, text };
  });
}
