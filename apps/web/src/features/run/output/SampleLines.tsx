import type { Fold } from '@omanager/contract';
import { sampleLines } from '@omanager/run-files';
import { memo } from 'react';
import { AnsiLine } from '../ansi/AnsiLine.tsx';
import css from './OutputPane.module.css';

const most = 200;

/** The beginning of what the servers of a group said. */
export const SampleLines = memo(function SampleLines({ fold }: { fold: Fold }) {
  return (
    <div className={css.text} lang="">
      {sampleLines(fold.sample)
        .slice(0, most)
        .map(({ stream, text }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
          <div key={i} className={css.line} data-stream={stream}>
            <i>{i + 1}</i>
            <u>{stream === 'stderr' ? '!' : ' '}</u>
            <span>
              <AnsiLine text={text} />
            </span>
          </div>
        ))}
    </div>
  );
});
