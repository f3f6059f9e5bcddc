import type { ReactNode } from 'react';
import css from './EmptyState.module.css';

/** What this place is, why it is empty, and the one thing to do about it. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <p className={css.title}>{title}</p>
      {children && <p className={css.why}>{children}</p>}
      {action}
    </div>
  );
}
