import { Checkbox } from '@mantine/core';
import { type FileEntry, modeText } from '@omanager/contract';
import { IconFile, IconFolder, IconLink } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';
import { bytesText } from '../run/log/bytesText.ts';
import { ChosenBar } from './ChosenBar.tsx';
import type { Asked } from './FileDialog.tsx';
import { FileMenu } from './FileMenu.tsx';
import css from './Files.module.css';
import { joined, parentOf } from './paths.ts';
import { isFile, isFolder, isNameless, rowsOf, type Sorting } from './rows.ts';
import { fileTexts } from './texts.ts';

interface Props {
  host: string;
  here: string;
  items: readonly FileEntry[];
  find: string;
  hidden: boolean;
  /** Beside something else: only what is needed most. */
  narrow: boolean;
  /** One may change files here now. */
  changeable: boolean;
  stale: boolean;
  onOpen: (path: string) => void;
  onAsk: (asked: Asked) => void;
  onDownload: (paths: readonly string[]) => void;
}

/** A folder: a click or Enter opens a folder or shows a file, Backspace goes up, space chooses; the menu has the rest, F2 and Delete some of it. */
export function FileTable({
  host,
  here,
  items,
  find,
  hidden,
  narrow,
  changeable,
  stale,
  onOpen,
  onAsk,
  onDownload,
}: Props) {
  const t = useTexts(fileTexts);
  const [sorting, setSorting] = useState<Sorting>({ key: 'name', down: false });
  /** Of this folder; what was chosen in another is not meant here. */
  const [picked, setPicked] = useState<{ here: string; names: ReadonlySet<string> }>({ here, names: new Set() });
  const rows = rowsOf(items, sorting, { find, hidden });
  const pathOf = ({ name }: FileEntry) => joined(here, name);
  const open = (entry: FileEntry) => {
    if (isNameless(entry)) return;
    if (isFolder(entry)) onOpen(pathOf(entry));
    else if (isFile(entry)) onAsk({ kind: 'preview', path: pathOf(entry) });
  };
  const choose = ({ name }: FileEntry) => {
    const names = new Set(picked.here === here ? picked.names : []);
    if (!names.delete(name)) names.add(name);
    setPicked({ here, names });
  };
  const isChosen = ({ name }: FileEntry) => picked.here === here && picked.names.has(name);
  const chosen = rows.filter(isChosen);
  const columns: Column<FileEntry>[] = [
    {
      key: 'choose',
      title: '',
      width: '24px',
      cell: (entry) =>
        isNameless(entry) ? null : <Choose {...{ entry }} chosen={isChosen(entry)} onChoose={() => choose(entry)} />,
    },
    { key: 'name', title: t('name'), width: 'minmax(160px, 1fr)', cell: (entry) => <Name entry={entry} /> },
    {
      key: 'size',
      title: t('size'),
      width: '80px',
      cell: (entry) => (isFolder(entry) ? '' : <span className={css.number}>{bytesText(entry.size)}</span>),
    },
    {
      key: 'changed',
      title: t('changed'),
      width: '110px',
      cell: ({ modifiedAt }) => <Ago at={modifiedAt} />,
    },
    {
      key: 'mode',
      title: t('mode'),
      width: '100px',
      cell: ({ kind, mode }) => (
        <span className={css.mode} title={mode.toString(8).padStart(3, '0')}>
          {modeText(kind, mode)}
        </span>
      ),
      phone: 'hidden',
    },
    {
      key: 'owner',
      title: t('owner'),
      width: '130px',
      cell: ({ owner, group }) => safeText(`${owner}:${group}`),
      phone: 'hidden',
    },
    {
      key: 'menu',
      title: '',
      width: '32px',
      cell: (entry) =>
        isNameless(entry) ? null : (
          <FileMenu
            {...{ entry, changeable, onAsk }}
            path={pathOf(entry)}
            onDownload={() => onDownload([pathOf(entry)])}
          />
        ),
    },
  ];
  const ask = {
    F2: (entry: FileEntry) => onAsk({ kind: 'rename', path: pathOf(entry) }),
    Delete: (entry: FileEntry) => onAsk({ kind: 'remove', path: pathOf(entry), folder: entry.kind === 'directory' }),
  };
  function onKeyDown(event: KeyboardEvent): void {
    const { target, currentTarget, key } = event;
    if (!(target instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = roleOf(target) === 'row' ? target.parentElement?.dataset.index : undefined;
    const entry = index === undefined ? undefined : rows[Number(index)];
    // The rows of another folder are other rows: the table keeps the focus for them.
    const keepFocus = () => currentTarget.querySelector<HTMLElement>('[tabindex="0"]:not([role="row"])')?.focus();
    if (key === 'Enter' && entry && isFolder(entry)) keepFocus();
    else if (key === 'Backspace' && (entry || ['table', 'region'].includes(roleOf(target)))) {
      event.preventDefault();
      keepFocus();
      if (here !== '/') onOpen(parentOf(here));
    } else if (key === ' ' && entry && !isNameless(entry)) {
      event.preventDefault();
      choose(entry);
    } else if ((key === 'F2' || key === 'Delete') && entry && changeable && !isNameless(entry)) {
      event.preventDefault();
      ask[key](entry);
    }
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the rows in it
    <div className={css.table} data-stale={stale || undefined} onKeyDown={onKeyDown}>
      <SortBar sorting={sorting} onSort={setSorting} />
      {chosen.length > 0 && (
        <ChosenBar
          {...{ chosen, changeable }}
          onDownload={(files) => onDownload(files.map(pathOf))}
          onRemove={() => onAsk({ kind: 'removeSeveral', path: here, paths: chosen.map(pathOf) })}
          onNone={() => setPicked({ here, names: new Set() })}
        />
      )}
      <VirtualTable
        label={t('title', { host: safeText(host) })}
        columns={narrow ? columns.filter(({ key }) => key !== 'mode' && key !== 'owner') : columns}
        pages={{
          items: rows,
          ...{ loading: false, error: null, hasMore: false, lookedBackTo: null, fetching: false },
          more: () => {},
          again: () => {},
        }}
        idOf={({ name }) => name}
        onOpen={open}
        empty={
          <EmptyState title={t(find === '' ? 'empty' : 'emptyFound')}>
            {find === '' ? t(items.length > 0 ? 'onlyHidden' : 'emptyWhy') : undefined}
          </EmptyState>
        }
      />
    </div>
  );
}

const roleOf = (element: HTMLElement): string => element.getAttribute('role') ?? '';

function SortBar({ sorting, onSort }: { sorting: Sorting; onSort: (sorting: Sorting) => void }) {
  const t = useTexts(fileTexts);
  return (
    <fieldset className={css.sorts}>
      <legend>{t('sortedBy')}</legend>
      {(['name', 'size', 'changed'] as const).map((key) => (
        <button
          key={key}
          type="button"
          aria-pressed={sorting.key === key}
          onClick={() => onSort({ key, down: sorting.key === key ? !sorting.down : key !== 'name' })}
        >
          {t(key)}
          {sorting.key === key && <span aria-hidden="true">{sorting.down ? ' ↓' : ' ↑'}</span>}
        </button>
      ))}
    </fieldset>
  );
}

function Name({ entry }: { entry: FileEntry }) {
  const t = useTexts(fileTexts);
  const Icon = entry.kind === 'symlink' ? IconLink : isFolder(entry) ? IconFolder : IconFile;
  const link = entry.leadsTo === null ? t('leadsNowhere') : isFolder(entry) ? t('leadsTo') : t('leadsToFile');
  return (
    <span className={css.entry} title={isNameless(entry) ? t('nameless') : undefined}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      <span className={css.entryName}>{safeText(entry.name)}</span>
      {entry.kind === 'symlink' && <span className={css.muted}>{link}</span>}
      {isNameless(entry) && <span className={css.warn}>{t('nameless')}</span>}
    </span>
  );
}

interface ChooseProps {
  entry: FileEntry;
  chosen: boolean;
  onChoose: () => void;
}

function Choose({ entry, chosen, onChoose }: ChooseProps) {
  const t = useTexts(fileTexts);
  return (
    <Checkbox
      aria-label={t('choose', { name: safeText(entry.name) })}
      checked={chosen}
      onChange={onChoose}
      // Its row would open.
      onClick={(event) => event.stopPropagation()}
    />
  );
}
