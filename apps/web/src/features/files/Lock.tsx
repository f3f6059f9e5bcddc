import { Button, TextInput } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import css from './Files.module.css';
import { fileTexts } from './texts.ts';

/** On production nothing is changed before its name was typed, once for this view. */
export function Lock({
  host,
  locked,
  onConfirm,
}: {
  host: string;
  locked: boolean;
  onConfirm: (name: string) => void;
}) {
  const t = useTexts(fileTexts);
  const [typed, setTyped] = useState('');
  const name = safeText(host);
  if (!locked)
    return (
      <p className={css.lock} role="status">
        <IconLockOpen size={16} stroke={1.5} aria-hidden="true" />
        {t('unlocked')}
      </p>
    );
  return (
    <form
      className={css.lock}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() === host) onConfirm(host);
      }}
    >
      <IconLock size={16} stroke={1.5} aria-hidden="true" />
      <span>{t('locked', { host: name })}</span>
      <TextInput
        aria-label={t('typeHost', { host: name })}
        placeholder={host}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" disabled={typed.trim() !== host}>
        {t('unlock')}
      </Button>
    </form>
  );
}
