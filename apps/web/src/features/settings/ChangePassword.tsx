import { PasswordInput } from '@mantine/core';
import { passwordSchema } from '@omanager/contract';
import { useState } from 'react';
import { useSecretCall } from '../../data/secretCall.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { settingsTexts } from './texts.ts';

const empty = { current: '', next: '', again: '' };

export function ChangePassword({ onClose, onChanged }: { onClose: () => void; onChanged: () => void }) {
  const t = useTexts(settingsTexts);
  const change = useSecretCall('access.changePassword', { refresh: ['sessions.list'] });
  const [typed, setTyped] = useState(empty);
  const { current, next, again } = typed;
  const type = (more: Partial<typeof empty>) => setTyped((now) => ({ ...now, ...more }));
  async function submit(): Promise<void> {
    const done = await change.call({ current, next });
    setTyped(empty);
    if (done) onChanged();
  }
  return (
    <FormDialog
      free
      title={t('changePasswordTitle')}
      submit={t('changePasswordTitle')}
      disabled={current === '' || !passwordSchema.safeParse(next).success || next !== again}
      busy={change.busy}
      error={change.error}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <PasswordInput
        label={t('current')}
        autoComplete="current-password"
        data-autofocus
        value={current}
        onChange={(event) => type({ current: event.currentTarget.value })}
      />
      <PasswordInput
        label={t('next')}
        description={t('nextHint')}
        autoComplete="new-password"
        value={next}
        onChange={(event) => type({ next: event.currentTarget.value })}
      />
      <PasswordInput
        label={t('again')}
        autoComplete="new-password"
        error={again !== '' && next !== again ? t('notSame') : null}
        value={again}
        onChange={(event) => type({ again: event.currentTarget.value })}
      />
    </FormDialog>
  );
}
