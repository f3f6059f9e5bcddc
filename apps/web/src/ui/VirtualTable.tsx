// biome-ignore-all lint/a11y/useSemanticElements: rows that stand where the scroll puts them are no <table>
import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, type Ref, useRef } from 'react';
import type { Pages } from '../data/pages.ts';
import { useLanguage, useTexts } from '../i18n/useTexts.ts';
import { ErrorNote } from './ErrorNote.tsx';
import { fullTime } from './Time.tsx';
import { uiTexts } from './texts.ts';
import css from './VirtualTable.module.css';

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  /** A track of a grid: `120px`, `minmax(0, 1fr)`. */
  readonly width: string;
  readonly cell: (item: T) => ReactNode;
  /** On a phone: with its title before it, or not at all. */
  readonly phone?: 'labelled' | 'hidden';
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  /** What is shown, and how more of it comes. */
  pages: Pages<T>;
  idOf: (item: T) => string;
  /** What a click or Enter on a row does. */
  onOpen?: (item: T) => void;
  /** Shown below a row. */
  details?: (item: T) => ReactNode;
  /** What stands in a row instead of its columns; null for an ordinary row. */
  whole?: (item: T) => ReactNode;
  selected?: string | null;
  empty: ReactNode;
  /** Whether the first row is out of sight: what is put above it would push the rest. */
  onScrolled?: (scrolled: boolean) => void;
}

/** A table of any length by cursor; on a phone each row is a card. Only the rows that are seen exist. */
export function VirtualTable<T>({
  label,
  columns,
  pages,
  idOf,
  onOpen,
  details,
  whole,
  selected,
  empty,
  onScrolled,
}: Props<T>) {
  const t = useTexts(uiTexts);
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const { items } = pages;
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : idOf(item);
    },
    estimateSize: () => 32,
    overscan: 10,
  });
  // A table without a row is none.
  const filled = items.length > 0;
  const gridTemplateColumns = columns.map(({ width }) => width).join(' ');
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it always has a role; the linter cannot see it
    // biome-ignore lint/a11y/noStaticElementInteractions: the same
    <div
      ref={scroller}
      className={css.scroll}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || event.key !== 'ArrowDown') return;
        event.preventDefault();
        event.currentTarget.querySelector<HTMLElement>('[data-opens]')?.focus();
      }}
      onScroll={onScrolled && ((event) => onScrolled(event.currentTarget.scrollTop > 8))}
      role={filled ? 'table' : 'region'}
      aria-label={label}
      aria-rowcount={filled ? -1 : undefined}
    >
      {filled && (
        <div className={css.head} role="row" tabIndex={-1} style={{ gridTemplateColumns }}>
          {columns.map(({ key, title }) => (
            <span key={key} role="columnheader" tabIndex={-1}>
              {title}
            </span>
          ))}
        </div>
      )}
      {pages.error && <ErrorNote error={pages.error} onRetry={pages.again} />}
      {pages.loading && <p className={css.note}>{t('loading')}</p>}
      {!pages.loading && pages.error === null && !filled && !pages.hasMore && empty}
      <div className={css.body} role={filled ? 'rowgroup' : undefined} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const item = items[index];
          if (item === undefined) return null;
          return (
            <Row
              key={key}
              ref={virtual.measureElement}
              {...{ index, start, item, columns, gridTemplateColumns, onOpen, details, whole }}
              selected={selected === idOf(item)}
            />
          );
        })}
      </div>
      {pages.hasMore && (
        <p className={css.more}>
          {pages.lookedBackTo !== null && (
            <span role="status">
              {t('lookedBackTo', { count: items.length, moment: fullTime(pages.lookedBackTo, language) })}
            </span>
          )}
          <Button loading={pages.fetching} onClick={pages.more}>
            {t(pages.lookedBackTo === null ? 'more' : 'goOn')}
          </Button>
        </p>
      )}
    </div>
  );
}

interface RowProps<T> {
  ref: Ref<HTMLDivElement>;
  index: number;
  start: number;
  item: T;
  columns: readonly Column<T>[];
  gridTemplateColumns: string;
  selected: boolean;
  onOpen: ((item: T) => void) | undefined;
  details: ((item: T) => ReactNode) | undefined;
  whole: ((item: T) => ReactNode) | undefined;
}

/** Arrows go from row to row; those beside the seen ones exist already. */
function moveFocus(row: HTMLElement, key: string): boolean {
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return false;
  const place = row.parentElement;
  const next = place?.parentElement?.querySelector<HTMLElement>(
    `[data-index="${Number(place.dataset.index) + step}"] > [role="row"]`,
  );
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
  return true;
}

function RowOf<T>(row: RowProps<T>) {
  const { ref, index, start, item, columns, gridTemplateColumns, selected, onOpen, details, whole } = row;
  const instead = whole?.(item) ?? null;
  return (
    <div ref={ref} data-index={index} className={css.place} style={{ top: start }}>
      <div
        className={css.row}
        role="row"
        tabIndex={onOpen ? 0 : -1}
        aria-rowindex={index + 2}
        data-opens={onOpen !== undefined || undefined}
        data-selected={selected || undefined}
        style={{ gridTemplateColumns }}
        onClick={() => onOpen?.(item)}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget) return;
          if (event.key === 'Enter') onOpen?.(item);
          else if (moveFocus(event.currentTarget, event.key)) event.preventDefault();
        }}
      >
        {instead !== null && (
          <div role="cell" className={css.whole} aria-colspan={columns.length}>
            {instead}
          </div>
        )}
        {instead === null &&
          columns.map(({ key, title, cell, phone }) => (
            <div key={key} role="cell" className={css.cell} data-phone={phone}>
              {phone === 'labelled' && <span className={css.label}>{title} </span>}
              {cell(item)}
            </div>
          ))}
      </div>
      {selected && details?.(item)}
    </div>
  );
}

/** Scrolling draws the rows that come, not those that are there. The cast: `memo` forgets what `T` is. */
const Row = memo(RowOf) as typeof RowOf;
