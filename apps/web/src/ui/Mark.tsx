import type { ReactNode } from 'react';
import css from './Mark.module.css';

/** A state of an account, a key or a worker: a dot beside the word, so that colour is never alone. */
export function Mark({ tone, children }: { tone: 'ok' | 'warn' | 'muted'; children: ReactNode }) {
  return (
    <span className={css.mark} data-tone={tone}>
      {children}
    </span>
  );
}
