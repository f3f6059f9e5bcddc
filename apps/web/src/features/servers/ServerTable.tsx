import type { HostSort } from '@omanager/contract';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { MouseEvent } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { rowHeight } from '../../ui/rowHeight.ts';
import { ServerRow } from './ServerRow.tsx';
import css from './ServerTable.module.css';
import { countOf, isSelected, only, type Selection, toggle } from './selection.ts';
import { serverTexts } from './texts.ts';
import { useServerRows } from './useServerRows.ts';
import { useTableKeys } from './useTableKeys.ts';
import type { TableParams } from './view.ts';

interface Props {
  params: TableParams;
  sort: HostSort;
  descending: boolean;
  onSort: (sort: HostSort) => void;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  onAll: () => void;
  onRange: (from: number, to: number) => void;
  opened: string | null;
  onOpen: (name: string, row: number) => void;
}

const columns = [
  ['name', 'server'],
  ['contact', 'reachability'],
  ['address', 'address'],
  ['zone', 'zone'],
  ['environment', 'environment'],
  [null, 'labels'],
  ['last_run', 'lastRun'],
] as const satisfies readonly (readonly [HostSort | null, string])[];

/** Ten thousand servers as a grid: only the rows that are seen exist. */
export function ServerTable(props: Props) {
  const { params, selection, onSelection, onAll, onRange, opened, onOpen } = props;
  const t = useTexts(serverTexts);
  const rows = useServerRows(params, rowHeight());
  const keys = useTableKeys({ rows, selection, onSelection, onAll, onOpen, onRange });
  const { total } = rows;
  const count = countOf(selection);

  /** Of all rows at once: rows that have no handlers of their own need not be drawn anew. */
  function onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const index = Number(target?.closest('[data-index]')?.getAttribute('data-index') ?? -1);
    const host = rows.rowAt(index);
    if (!host) return;
    keys.setActive(index);
    const anchor = selection.kind === 'names' ? selection.anchor : null;
    if (event.shiftKey && anchor !== null) onRange(anchor, index);
    else if (event.ctrlKey || event.metaKey || event.shiftKey || target?.closest('[data-check]'))
      onSelection(toggle(selection, host.name, index));
    else {
      onSelection(only(host.name, index));
      onOpen(host.name, index);
    }
  }

  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/useSemanticElements: a table whose rows are mostly not there */}
      <div
        ref={rows.scroller}
        className={css.grid}
        role="grid"
        tabIndex={0}
        aria-label={t('title')}
        aria-rowcount={total + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
        aria-busy={rows.loading}
        aria-activedescendant={rows.rowAt(keys.active) ? `server-row-${keys.active}` : undefined}
        onKeyDown={keys.onKeyDown}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: rows of a virtual grid stand where their numbers put them */}
        <div className={css.head} role="row" aria-rowindex={1} tabIndex={-1}>
          {/* biome-ignore lint/a11y/useSemanticElements: as above */}
          <span role="columnheader" tabIndex={-1} className={css.check}>
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={t('selectAll', { count: total })}
              title={t('selectAllHint', { count: total })}
              checked={count > 0 && count === total}
              ref={(box) => {
                if (box) box.indeterminate = count > 0 && count < total;
              }}
              onChange={() => (count > 0 ? onSelection({ kind: 'names', names: new Set(), anchor: null }) : onAll())}
            />
          </span>
          {columns.map(([sort, name]) => (
            <Head key={name} {...props} name={t(name)} column={name} by={sort} />
          ))}
        </div>
        {/* biome-ignore lint/a11y: the grid around it has the focus and the keys */}
        <div className={css.body} style={{ height: rows.virtual.getTotalSize() }} onClick={onClick}>
          {rows.items.map(({ index, start, size }) => {
            const host = rows.rowAt(index);
            return (
              <ServerRow
                key={index}
                {...{ index, start, size, host }}
                active={index === keys.active}
                selected={host !== undefined && isSelected(selection, host.name)}
                opened={host !== undefined && host.name === opened}
              />
            );
          })}
        </div>
      </div>
      {rows.error && <ErrorNote error={rows.error} onRetry={() => void rows.retry()} />}
    </div>
  );
}

function Head({
  name,
  column,
  by,
  sort,
  descending,
  onSort,
}: Pick<Props, 'sort' | 'descending' | 'onSort'> & { name: string; column: string; by: HostSort | null }) {
  const t = useTexts(serverTexts);
  const current = by === sort;
  const Arrow = descending ? IconChevronDown : IconChevronUp;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual grid
    <span
      role="columnheader"
      tabIndex={-1}
      data-column={column}
      aria-sort={current ? (descending ? 'descending' : 'ascending') : undefined}
    >
      {by === null ? (
        name
      ) : (
        <button type="button" title={t('sortBy', { name })} onClick={() => onSort(by)}>
          {name}
          {current && <Arrow size={12} stroke={1.5} aria-hidden="true" />}
        </button>
      )}
    </span>
  );
}
