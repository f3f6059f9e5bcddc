import { Button } from '@mantine/core';
import type { HostRow } from '@omanager/contract';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { rowHeight } from '../../ui/rowHeight.ts';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { extend, type Selection } from '../servers/selection.ts';
import { useNames } from '../servers/tablePages.ts';
import { useServerRows } from '../servers/useServerRows.ts';
import css from './Composer.module.css';
import { isChosen, toggleHost } from './chosen.ts';
import { composerTexts } from './texts.ts';

interface Props {
  selector: string;
  selection: Selection;
  onSelection: (selection: Selection) => void;
}

/** The servers of a selector, each with a box; Shift takes all between. */
export function TargetList({ selector, selection, onSelection }: Props) {
  const t = useTexts(composerTexts);
  const params = { selector, sort: 'name', descending: false } as const;
  const rows = useServerRows(params, rowHeight());
  const namesBetween = useNames(params);
  const { total } = rows;

  async function take(index: number, host: HostRow, shift: boolean): Promise<void> {
    const anchor = selection.kind === 'names' ? selection.anchor : null;
    if (shift && anchor !== null) onSelection(extend(selection, await namesBetween(anchor, index)));
    else onSelection(toggleHost(selection, host, index));
  }

  return (
    <>
      {total > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={css.takeAll ?? ''}
          onClick={() => onSelection({ kind: 'matching', selector, total })}
        >
          {t('selectAll', { count: total })}
        </Button>
      )}
      <div ref={rows.scroller} className={layout.scroll}>
        <ul className={css.hosts} style={{ height: rows.virtual.getTotalSize() }}>
          {rows.items.map(({ index, start, size }) => (
            <li key={index} style={{ top: start, height: size }} aria-setsize={total} aria-posinset={index + 1}>
              <TargetRow
                host={rows.rowAt(index)}
                selection={selection}
                onTake={(host, shift) => void take(index, host, shift)}
              />
            </li>
          ))}
        </ul>
      </div>
      {rows.error && <ErrorNote error={rows.error} onRetry={() => void rows.retry()} />}
    </>
  );
}

interface RowProps {
  host: HostRow | undefined;
  selection: Selection;
  onTake: (host: HostRow, shift: boolean) => void;
}

function TargetRow({ host, selection, onTake }: RowProps) {
  const t = useTexts(composerTexts);
  if (!host) return <span className={layout.row} />;
  return (
    <label className={layout.row}>
      <input
        type="checkbox"
        aria-label={t('chooseServer', { name: safeText(host.name) })}
        checked={isChosen(selection, host)}
        onClick={(event) => onTake(host, event.shiftKey)}
        onChange={() => {}}
      />
      <span className={`${layout.mono} ${layout.cut}`}>{safeText(host.name)}</span>
      <span className={`${layout.push} ${css.address}`}>
        {host.contact?.state === 'unreachable' ? <StateLabel state="unreachable" /> : safeText(host.address)}
      </span>
    </label>
  );
}
