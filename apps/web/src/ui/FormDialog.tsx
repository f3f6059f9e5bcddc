import { Button, Modal } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/useTexts.ts';
import { ErrorNote } from './ErrorNote.tsx';
import css from './FormDialog.module.css';
import { uiTexts } from './texts.ts';

interface Props {
  title: string;
  submit: string;
  danger?: boolean;
  disabled?: boolean;
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
  busy,
  finished = false,
  error,
  onSubmit,
  onClose,
  children,
}: Props) {
  const t = useTexts(uiTexts);
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && !busy) onSubmit();
        }}
      >
        {error && <ErrorNote error={error} />}
        {children}
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
            disabled={disabled}
            loading={busy}
          >
            {submit}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
