import { PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSecretCall } from '../../data/secretCall.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { SecretOnce } from '../../ui/SecretOnce.tsx';
import { settingsTexts } from './texts.ts';

interface Props {
  onClose: () => void;
}

/** First the password, then the key for the app, then the code that shows that the app has it. */
export function TurnOn({ onClose }: Props) {
  const t = useTexts(settingsTexts);
  const begin = useSecretCall('access.beginTotp');
  const confirm = useSecretCall('access.confirmTotp', { refresh: ['access.whoami'] });
  const [password, setPassword] = useState('');
  const [seed, setSeed] = useState<{ secret: string; uri: string } | null>(null);
  const [code, setCode] = useState('');
  async function ask(): Promise<void> {
    const made = await begin.call({ password });
    setPassword('');
    setSeed(made);
  }
  async function show(): Promise<void> {
    const done = await confirm.call({ code });
    setCode('');
    if (done) onClose();
  }
  return (
    <FormDialog
      title={t('turnOnTitle')}
      submit={t(seed === null ? 'goOn' : 'turnOnTitle')}
      disabled={seed === null ? password === '' : !/^\d{6}$/.test(code)}
      busy={begin.busy || confirm.busy}
      error={begin.error ?? confirm.error}
      onSubmit={() => void (seed === null ? ask() : show())}
      onClose={onClose}
    >
      {seed === null ? (
        <PasswordInput
          label={t('current')}
          autoComplete="current-password"
          data-autofocus
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      ) : (
        <>
          <p>{t('enterSecret')}</p>
          <SecretOnce name={t('secret')} value={seed.secret} shown={inGroups(seed.secret)} />
          <SecretOnce name={t('link')} value={seed.uri} />
          <TextInput
            label={t('code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={6}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value.trim())}
          />
        </>
      )}
    </FormDialog>
  );
}

export function TurnOff({ onClose }: Props) {
  const t = useTexts(settingsTexts);
  const disable = useSecretCall('access.disableTotp', { refresh: ['access.whoami'] });
  const [password, setPassword] = useState('');
  async function submit(): Promise<void> {
    const done = await disable.call({ password });
    setPassword('');
    if (done) onClose();
  }
  return (
    <FormDialog
      danger
      title={t('turnOffTitle')}
      submit={t('turnOffTitle')}
      disabled={password === ''}
      busy={disable.busy}
      error={disable.error}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <p>{t('turnOffWhy')}</p>
      <PasswordInput
        label={t('current')}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

/** Four and four, as people copy it by hand. */
const inGroups = (secret: string): string => secret.replace(/(.{4})(?=.)/g, '$1 ');
