import { Textarea } from '@mantine/core';
import type { Alert } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { alertTexts } from './texts.ts';

const longestNote = 500;

interface Props {
  alerts: readonly Alert[];
  onDone: () => void;
  onClose: () => void;
}

/** Says that alerts were seen to, and what came of them. */
export function Acknowledge({ alerts, onDone, onClose }: Props) {
  const t = useTexts(alertTexts);
  const acknowledge = useChange('alerts.acknowledge', { refresh: ['alerts.list'] });
  const [note, setNote] = useState('');
  return (
    <FormDialog
      title={t('acknowledgeTitle', { count: alerts.length })}
      submit={t('acknowledge')}
      busy={acknowledge.isPending}
      error={acknowledge.error}
      onSubmit={() => acknowledge.mutate({ ids: alerts.map(({ id }) => id), note: note.trim() }, { onSuccess: onDone })}
      onClose={onClose}
    >
      <p>{t('acknowledgeWhy')}</p>
      <Textarea
        label={t('note')}
        data-autofocus
        autosize
        minRows={2}
        maxLength={longestNote}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
