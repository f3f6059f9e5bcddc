import { useTexts } from '../../i18n/useTexts.ts';
import { EnvironmentChip } from '../../ui/EnvironmentChip.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Contact } from './Contact.tsx';
import css from './ServerCards.module.css';
import { LastRun } from './ServerRow.tsx';
import { isSelected, type Selection, toggle } from './selection.ts';
import { serverTexts } from './texts.ts';
import { useServerRows } from './useServerRows.ts';
import type { TableParams } from './view.ts';

interface Props {
  params: TableParams;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  onOpen: (name: string, row: number) => void;
}

const cardHeight = 76;

/** The table on a phone: a card for each server. */
export function ServerCards({ params, selection, onSelection, onOpen }: Props) {
  const rows = useServerRows(params, cardHeight);
  const t = useTexts(serverTexts);
  return (
    <div ref={rows.scroller} className={css.scroll}>
      <ul className={css.list} aria-label={t('title')} style={{ height: rows.virtual.getTotalSize() }}>
        {rows.items.map(({ index, start, size }) => {
          const host = rows.rowAt(index);
          const place = { top: start, height: size };
          if (!host) return <li key={index} className={css.card} style={place} />;
          const name = safeText(host.name);
          return (
            <li
              key={index}
              className={css.card}
              style={place}
              aria-setsize={rows.total}
              aria-posinset={index + 1}
              data-selected={isSelected(selection, host.name) || undefined}
            >
              <label className={css.check}>
                <input
                  type="checkbox"
                  aria-label={t('select', { name })}
                  checked={isSelected(selection, host.name)}
                  onChange={() => onSelection(toggle(selection, host.name, index))}
                />
              </label>
              <button type="button" className={css.open} onClick={() => onOpen(host.name, index)}>
                <span className={css.line}>
                  <span className={css.name}>{name}</span>
                  <EnvironmentChip environment={host.environment} />
                </span>
                <Contact contact={host.contact} />
                <LastRun host={host} />
              </button>
            </li>
          );
        })}
      </ul>
      {rows.error && <ErrorNote error={rows.error} onRetry={() => void rows.retry()} />}
    </div>
  );
}
