import { IconCheck, IconQuestionMark, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './Integrity.module.css';

export type Tone = 'good' | 'bad' | 'open';

/** One statement on the audit, good, bad or open, with what there is to say about it. */
export function One({ tone, word, children }: { tone: Tone; word: string; children: ReactNode }) {
  const Glyph = { good: IconCheck, bad: IconX, open: IconQuestionMark }[tone];
  return (
    <div className={css.one} data-tone={tone}>
      <Glyph size={20} stroke={2} aria-hidden="true" />
      <div>
        <strong>{word}</strong>
        {children}
      </div>
    </div>
  );
}
