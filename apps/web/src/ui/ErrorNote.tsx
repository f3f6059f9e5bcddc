import { Button } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTexts } from '../i18n/useTexts.ts';
import css from './ErrorNote.module.css';
import { safeLines } from './safeText.ts';
import { uiTexts } from './texts.ts';

/** What went wrong and what to do, in the server's own words, with its code for whoever is asked for help. */
export function ErrorNote({ error, onRetry }: { error: OmError; onRetry?: () => void }) {
  const t = useTexts(uiTexts);
  return (
    <div className={css.note} role="alert">
      <IconAlertTriangle size={16} stroke={1.5} aria-hidden="true" />
      <div>
        <p className={css.message}>{safeLines(error.message)}</p>
        <p className={css.code}>{t('errorCode', { code: error.code })}</p>
      </div>
      {onRetry && <Button onClick={onRetry}>{t('tryAgain')}</Button>}
    </div>
  );
}
