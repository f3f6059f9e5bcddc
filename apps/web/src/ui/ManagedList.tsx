import { Button } from '@mantine/core';
import type { QueryName } from '@omanager/contract';
import { type ReactNode, useState } from 'react';
import { usePages } from '../data/pages.ts';
import { useTexts } from '../i18n/useTexts.ts';
import { EmptyState } from './EmptyState.tsx';
import layout from './layout.module.css';
import css from './ManagedList.module.css';
import { uiTexts } from './texts.ts';
import { type Column, VirtualTable } from './VirtualTable.tsx';

interface Props<T> {
  title: string;
  /** Beside the title: what can be done here. */
  actions?: ReactNode;
  name: QueryName;
  params?: Readonly<Record<string, unknown>>;
  ask: (page: { cursor?: string }, signal: AbortSignal) => Promise<{ items: T[]; next?: string | undefined }>;
  columns: readonly Column<T>[];
  empty: { title: string; why?: string };
  /** How one is taken away again: from whom, and the dialog that asks. */
  takeAway: {
    word: 'remove' | 'revoke' | 'end';
    allowed: (item: T) => boolean;
    dialog: (item: T, onClose: () => void) => ReactNode;
  };
  /** More buttons of a row, before that one. */
  more?: (item: T) => ReactNode;
}

/** One list of the administration, with its title, its buttons and how something is taken away again. */
export function ManagedList<T extends { id: string }>(props: Props<T>) {
  const { title, actions, name, params = {}, ask, columns, empty, takeAway, more } = props;
  const t = useTexts(uiTexts);
  const [gone, setGone] = useState<T | null>(null);
  const pages = usePages(name, params, ask);
  const acts: Column<T> = {
    key: 'acts',
    title: '',
    width: more ? '170px' : '110px',
    cell: (item) => {
      const others = more?.(item);
      const allowed = takeAway.allowed(item);
      if (!others && !allowed) return null;
      return (
        <div className={css.acts}>
          {others}
          {allowed && (
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(item)}>
              {t(takeAway.word)}
            </Button>
          )}
        </div>
      );
    },
  };
  return (
    <section className={css.section} aria-label={title}>
      <div className={layout.bar}>
        <h2>{title}</h2>
        <span className={layout.push} />
        {actions}
      </div>
      <VirtualTable
        label={title}
        columns={[...columns, acts]}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={empty.title}>{empty.why}</EmptyState>}
      />
      {gone && takeAway.dialog(gone, () => setGone(null))}
    </section>
  );
}
