import type { ReactNode } from 'react';
import layout from '../../ui/layout.module.css';
import css from './Admin.module.css';

/** One list of a section, with its title and what can be done. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.section} aria-label={title}>
      <div className={layout.bar}>
        <h2>{title}</h2>
        <span className={layout.push} />
        {actions}
      </div>
      {children}
    </section>
  );
}

/** A state of an account, a key or a worker: a dot beside the word, so that colour is never alone. */
export function Mark({ tone, children }: { tone: 'ok' | 'warn' | 'muted'; children: ReactNode }) {
  return (
    <span className={css.mark} data-tone={tone}>
      {children}
    </span>
  );
}
