import { Button, Modal } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { bytesText } from '../run/log/bytesText.ts';
import css from './Files.module.css';
import { PreviewLines } from './PreviewLines.tsx';
import { nameOf } from './paths.ts';
import { type Preview, previewBytes, previewOf } from './preview.ts';
import { fileTexts } from './texts.ts';

interface Props {
  host: string;
  path: string;
  onDownload: () => void;
  onClose: () => void;
}

/** The beginning of a file, to be read. */
export function PreviewDialog({ host, path, onDownload, onClose }: Props) {
  const t = useTexts(fileTexts);
  const ui = useTexts(uiTexts);
  const { client } = useSession();
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<OmError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    previewOf(client, { host, path }, stop.signal).then(setPreview, (cause: unknown) => {
      if (!stop.signal.aborted) setError(asOmError(cause));
    });
    return () => stop.abort();
  }, [client, host, path]);
  const isEmpty = preview?.kind === 'text' && preview.lines.length === 1 && preview.lines[0] === '';
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={safeText(nameOf(path))}
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      <div className={css.preview}>
        <p className={css.muted}>
          {safeText(`${host}:${path}`)}
          {preview?.kind === 'text' && ` · ${preview.encoding}`}
        </p>
        {error && <ErrorNote error={error} />}
        {!error && !preview && <p role="status">{t('loading')}</p>}
        {preview?.kind === 'binary' && <p>{t('binary')}</p>}
        {isEmpty && <p>{t('emptyFile')}</p>}
        {preview?.kind === 'text' && !isEmpty && <PreviewLines label={safeText(nameOf(path))} lines={preview.lines} />}
        {preview?.kind === 'text' && preview.cut && <p>{t('cut', { size: bytesText(previewBytes) })}</p>}
        <div className={css.actions}>
          <Button
            leftSection={<IconDownload size={16} stroke={1.5} />}
            onClick={() => {
              onDownload();
              onClose();
            }}
          >
            {t('download')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
