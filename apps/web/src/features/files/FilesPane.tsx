import { ActionIcon, Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { isFileName, isProduction } from '@omanager/contract';
import { IconFolderPlus, IconUpload, IconX } from '@tabler/icons-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useDesktop } from '../../app/DesktopContext.ts';
import { useAnswer, useRefresh } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useBlockWords } from '../../data/useBlockWords.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import { type Asked, FileDialog } from './FileDialog.tsx';
import css from './Files.module.css';
import { FileTable } from './FileTable.tsx';
import { Lock } from './Lock.tsx';
import { PathBar } from './PathBar.tsx';
import { joined, nameOf } from './paths.ts';
import { asDownloads, chooseTarget } from './saving.ts';
import { TransferList } from './TransferList.tsx';
import { fileTexts } from './texts.ts';
import { useTransfers } from './useTransfers.ts';

interface Props {
  host: string;
  /** The folder that is shown; null is the home of the login user. */
  path: string | null;
  onPath: (path: string | null) => void;
  onClose?: () => void;
}

/** The files of a server, as its login user sees them, for as long as its person may. */
export function FilesPane(props: Props) {
  const t = useTexts(fileTexts);
  const may = useMay();
  return may('file.read') ? <Pane {...props} /> : <EmptyState title={t('notAllowed')}>{t('notAllowedWhy')}</EmptyState>;
}

function Pane({ host, path, onPath, onClose }: Props) {
  const t = useTexts(fileTexts);
  const may = useMay();
  const block = useBlockWords();
  const refresh = useRefresh();
  const [find, setFind] = useState('');
  const [hidden, setHidden] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [dropping, setDropping] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [confirm, setConfirm] = useState<string>();
  const desktop = useDesktop();
  const chooser = useRef<HTMLInputElement>(null);
  const of = { host, ...(path !== null && { path }) };
  const whole = useAnswer('files.list', of);
  // What is beyond the first names is looked for on the server, once somebody stops typing: each look is audited.
  const [looked] = useDebouncedValue(find, 300);
  const isBeyond = looked !== '' && whole.data?.more === true;
  const beyond = useAnswer('files.list', { ...of, find: looked }, { enabled: isBeyond });
  const folder = isBeyond ? beyond : whole;
  const production = useProduction(host);
  const { transfers, items } = useTransfers(host);
  const ended = items.filter(({ kind, state }) => kind === 'upload' && state === 'done').length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was put there is seen
  useEffect(() => void refresh('files.list'), [ended]);
  const here = whole.data?.path ?? path ?? '/';
  const locked = production && confirm !== host;
  const changeable = may('file.write') && block === null && !locked && whole.data !== undefined;
  const go = (to: string | null) => {
    setFind('');
    setRefused(null);
    onPath(to);
  };
  /** Begins in a click: browsers ask only then where to. */
  const fetchAll = async (files: readonly string[]) => {
    // The window of the desktop application may not pick files itself; it asks where downloads go.
    const target = desktop ? asDownloads : await chooseTarget(files.map(nameOf));
    if (target) for (const file of files) transfers.download(host, file, target);
  };
  const send = (files: Iterable<File>) => {
    for (const file of files)
      if (isFileName(file.name)) transfers.upload(host, joined(here, file.name), file, { confirm });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    if (!changeable) return setRefused(block ?? t(locked ? 'dropLocked' : 'dropRefused', { host: safeText(host) }));
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
    setRefused(entries.some((entry) => entry?.isDirectory) ? t('folderRefused') : null);
    send([...event.dataTransfer.files].filter((_, index) => !entries[index]?.isDirectory));
  };
  return (
    <section
      className={css.pane}
      aria-label={t('title', { host: safeText(host) })}
      data-dropping={dropping || undefined}
      // Always: a file that nobody takes would be shown by the browser, in place of this page.
      onDragOver={(event) => {
        event.preventDefault();
        setDropping(changeable);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={drop}
    >
      <div className={css.head}>
        <span className={css.name}>{safeText(host)}</span>
        {whole.data && <span className={css.as}>{t('as', { login: safeText(whole.data.login) })}</span>}
        <span className={css.push} />
        {may('file.write') && (
          <>
            <Button
              disabled={!changeable}
              title={block ?? undefined}
              leftSection={<IconUpload size={16} stroke={1.5} />}
              onClick={() => chooser.current?.click()}
            >
              {t('upload')}
            </Button>
            <Button
              disabled={!changeable}
              title={block ?? undefined}
              leftSection={<IconFolderPlus size={16} stroke={1.5} />}
              onClick={() => setAsked({ kind: 'newFolder', path: here })}
            >
              {t('newFolder')}
            </Button>
            <input
              ref={chooser}
              type="file"
              multiple
              hidden
              aria-label={t('upload')}
              onChange={({ currentTarget }) => {
                send(currentTarget.files ?? []);
                currentTarget.value = '';
              }}
            />
          </>
        )}
        {onClose && (
          <ActionIcon aria-label={t('close')} title={t('close')} onClick={onClose}>
            <IconX size={16} stroke={1.5} />
          </ActionIcon>
        )}
      </div>
      {production && may('file.write') && <Lock host={host} locked={locked} onConfirm={setConfirm} />}
      <PathBar
        key={here}
        {...{ here, find, hidden, onPath: go, onFind: setFind, onHidden: setHidden }}
        onRefresh={() => void refresh('files.list')}
      />
      {folder.error && <ErrorNote error={folder.error} onRetry={() => void folder.refetch()} />}
      {refused !== null && (
        <p className={css.note} role="status">
          {refused}
        </p>
      )}
      {whole.data?.more && <p className={css.note}>{t('more', { count: whole.data.items.length })}</p>}
      {!folder.error && folder.data && (
        <FileTable
          {...{ host, here, find, hidden, changeable }}
          narrow={onClose !== undefined}
          items={folder.data.items}
          stale={folder.isPlaceholderData}
          onOpen={go}
          onAsk={setAsked}
          onDownload={(files) => void fetchAll(files)}
        />
      )}
      {!folder.error && !folder.data && <p className={css.note}>{t('loading')}</p>}
      {dropping && <p className={css.drop}>{t('uploadHere', { path: safeText(here) })}</p>}
      <TransferList transfers={transfers} items={items} />
      {asked && (
        <FileDialog
          key={`${asked.kind} ${asked.path}`}
          {...{ host, asked, confirm }}
          onDownload={(file) => void fetchAll([file])}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  );
}

/** Whether changes want the name of the server. Where it cannot be looked up the server itself says so. */
function useProduction(host: string): boolean {
  const { data } = useAnswer('hosts.table', { selector: `"${host}"`, limit: 1 });
  const found = data?.items.find(({ name }) => name === host);
  return found !== undefined && isProduction(found.environment);
}
