import { Button, Menu } from '@mantine/core';
import type { AuditFileFormat } from '@omanager/contract';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import css from './Audit.module.css';
import type { EventFilter } from './eventQuery.ts';
import { type Exported, exportEvents } from './exportEvents.ts';
import { auditTexts } from './texts.ts';

/** Saves all events of the filter as a file, whether they are on the screen or not. */
export function ExportMenu({ filter }: { filter: EventFilter }) {
  const { client } = useSession();
  return <ExportAs name="audit" gather={(options) => exportEvents(client, filter, options)} />;
}

/** Saves what is gathered as a file of a name. */
export function ExportAs({
  name,
  gather,
}: {
  name: string;
  gather: (options: {
    format: AuditFileFormat;
    signal: AbortSignal;
    progress: (count: number) => void;
  }) => Promise<Exported>;
}) {
  const t = useTexts(auditTexts);
  const [busy, setBusy] = useState<number | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [signature, setSignature] = useState<{ name: string; file: Blob } | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function save(format: AuditFileFormat): Promise<void> {
    stop.current?.abort();
    const control = new AbortController();
    stop.current = control;
    setBusy(0);
    setNote(null);
    setSignature(null);
    try {
      const options = { format, signal: control.signal, progress: setBusy };
      const { file, count, whole, seal } = await gather(options);
      const kind = `${whole ? '' : '-part'}${seal === null ? '-unsigned' : ''}`;
      const fileName = `${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}${kind}.${format}`;
      download(file, fileName);
      const text = t(whole ? 'exported' : 'exportedPart', { count: count.toLocaleString() });
      setNote(seal === null ? `${text} ${t('exportUnsigned')}` : text);
      if (seal) setSignature({ name: `${fileName}.sig`, file: new Blob([JSON.stringify(seal)]) });
    } catch (error) {
      if (!control.signal.aborted) setNote(safeText(asOmError(error).message));
    } finally {
      if (!control.signal.aborted) setBusy(null);
    }
  }

  return (
    <>
      {note !== null && (
        <span className={css.note} role="status">
          {note}{' '}
          {signature && (
            <Button variant="subtle" size="compact-sm" onClick={() => download(signature.file, signature.name)}>
              {t('saveSignature')}
            </Button>
          )}
        </span>
      )}
      {busy !== null && (
        <span className={css.note} role="status">
          {t('exporting', { count: busy.toLocaleString() })}
        </span>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button disabled={busy !== null} leftSection={<IconDownload size={16} stroke={1.5} aria-hidden="true" />}>
            {t('export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void save('csv')}>CSV</Menu.Item>
          <Menu.Item onClick={() => void save('jsonl')}>JSONL</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
