import { ActionIcon, Menu } from '@mantine/core';
import { type FileEntry, modeText } from '@omanager/contract';
import {
  IconDots,
  IconDownload,
  IconEye,
  IconFile,
  IconFolder,
  IconLink,
  IconPencil,
  IconShieldLock,
  IconTrash,
} from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';
import { bytesText } from '../run/log/bytesText.ts';
import type { Asked } from './FileDialog.tsx';
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
  onDownload: (path: string) => void;
}

const icon = { size: 16, stroke: 1.5 };

/** A folder: a click or Enter opens a folder or shows a file, Backspace goes up; the menu has the rest, F2 and Delete some of it. */
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
  const rows = rowsOf(items, sorting, { find, hidden });
  const pathOf = ({ name }: FileEntry) => joined(here, name);
  const open = (entry: FileEntry) => {
    if (isNameless(entry)) return;
    if (isFolder(entry)) onOpen(pathOf(entry));
    else if (isFile(entry)) onAsk({ kind: 'preview', path: pathOf(entry) });
  };
  const columns: Column<FileEntry>[] = [
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
            onDownload={() => onDownload(pathOf(entry))}
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
    } else if ((key === 'F2' || key === 'Delete') && entry && changeable && !isNameless(entry)) {
      event.preventDefault();
      ask[key](entry);
    }
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the rows in it
    <div className={css.table} data-stale={stale || undefined} onKeyDown={onKeyDown}>
      <SortBar sorting={sorting} onSort={setSorting} />
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

interface MenuProps {
  entry: FileEntry;
  path: string;
  changeable: boolean;
  onAsk: (asked: Asked) => void;
  onDownload: () => void;
}

function FileMenu({ entry, path, changeable, onAsk, onDownload }: MenuProps) {
  const t = useTexts(fileTexts);
  const name = safeText(entry.name);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it keeps what happens in the menu from its row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the same
    <div onClick={(event) => event.stopPropagation()}>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t('actions', { name })}>
            <IconDots {...icon} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isFile(entry) && (
            <>
              <Menu.Item leftSection={<IconEye {...icon} />} onClick={() => onAsk({ kind: 'preview', path })}>
                {t('preview')}
              </Menu.Item>
              <Menu.Item leftSection={<IconDownload {...icon} />} onClick={onDownload}>
                {t('download')}
              </Menu.Item>
            </>
          )}
          <Menu.Item
            disabled={!changeable}
            leftSection={<IconPencil {...icon} />}
            onClick={() => onAsk({ kind: 'rename', path })}
          >
            {t('rename')}
          </Menu.Item>
          {entry.kind !== 'symlink' && (
            <Menu.Item
              disabled={!changeable}
              leftSection={<IconShieldLock {...icon} />}
              onClick={() => onAsk({ kind: 'setMode', path, mode: entry.mode })}
            >
              {t('setMode')}
            </Menu.Item>
          )}
          <Menu.Item
            disabled={!changeable}
            color="red"
            leftSection={<IconTrash {...icon} />}
            onClick={() => onAsk({ kind: 'remove', path, folder: entry.kind === 'directory' })}
          >
            {t('remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
