import { Button, Modal } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeLines, safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { bytesText } from '../run/log/bytesText.ts';
import css from './Files.module.css';
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
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={safeText(nameOf(path))}
      closeButtonProps={{ 'aria-label': ui('close') }}
    >
      <div className={css.preview}>
        <p className={css.muted}>{safeText(`${host}:${path}`)}</p>
        {error && <ErrorNote error={error} />}
        {!error && !preview && <p role="status">{t('loading')}</p>}
        {preview?.kind === 'binary' && <p>{t('binary')}</p>}
        {preview?.kind === 'text' && preview.text === '' && <p>{t('emptyFile')}</p>}
        {preview?.kind === 'text' && preview.text !== '' && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long file is scrolled by keys as well
          <pre className={css.text} tabIndex={0}>
            {safeLines(preview.text)}
          </pre>
        )}
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
