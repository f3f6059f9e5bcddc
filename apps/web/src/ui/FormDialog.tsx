import { Button, Modal } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import type { ReactNode } from 'react';
import { useBlockWords } from '../data/useBlockWords.ts';
import { useTexts } from '../i18n/useTexts.ts';
import { ErrorNote } from './ErrorNote.tsx';
import css from './FormDialog.module.css';
import { uiTexts } from './texts.ts';

interface Props {
  title: string;
  submit: string;
  danger?: boolean;
  disabled?: boolean;
  /** Changes nothing on the server, or only one's own: also while nothing else may be changed. */
  free?: boolean;
  /** For more than a few fields. */
  wide?: boolean;
  busy: boolean;
  /** Nothing is left to call off: only the one button. */
  finished?: boolean;
  error: OmError | null;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A small form over the page: what it does is written on its button. */
export function FormDialog({
  title,
  submit,
  danger = false,
  disabled = false,
  free = false,
  wide = false,
  busy,
  finished = false,
  error,
  onSubmit,
  onClose,
  children,
}: Props) {
  const t = useTexts(uiTexts);
  const words = useBlockWords();
  const block = free ? null : words;
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      {...(wide && { size: 'lg' })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && !busy && block === null) onSubmit();
        }}
      >
        {error && <ErrorNote error={error} />}
        {children}
        {block !== null && <p role="status">{block}</p>}
        <div className={css.actions}>
          {!finished && (
            <Button onClick={onClose} data-autofocus={danger || undefined}>
              {t('cancel')}
            </Button>
          )}
          <Button
            type="submit"
            variant="filled"
            {...(danger ? { color: 'red' } : {})}
            disabled={disabled || block !== null}
            loading={busy}
          >
            {submit}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
