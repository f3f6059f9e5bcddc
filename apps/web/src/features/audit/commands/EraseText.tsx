import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../../../data/calls.ts';
import { useMay } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { commandTexts } from './texts.ts';

const reasonLength = { least: 3, most: 500 } as const;

/** Takes a password that somebody typed out of the audit, for ever. Only for who may. */
export function EraseText({ id, onErased }: { id: string; onErased: () => void }) {
  const t = useTexts(commandTexts);
  const may = useMay();
  const erase = useChange('commands.erase');
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  if (!may('audit.erase')) return null;
  return (
    <>
      <Button variant="subtle" color="red" onClick={() => setOpen(true)}>
        {t('erase')}
      </Button>
      {open && (
        <FormDialog
          danger
          title={t('eraseTitle')}
          submit={t('eraseForEver')}
          disabled={reason.trim().length < reasonLength.least}
          busy={erase.isPending}
          error={erase.error}
          onSubmit={() => erase.mutate({ id, reason: reason.trim() }, { onSuccess: onErased })}
          onClose={() => setOpen(false)}
        >
          <p>{t('eraseWhy')}</p>
          <Textarea
            label={t('reason')}
            autosize
            minRows={2}
            maxLength={reasonLength.most}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </FormDialog>
      )}
    </>
  );
}
