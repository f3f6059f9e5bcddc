import { Button, TextInput } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { IconUser } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import type { ServerConnection, Who } from '../../session/port.ts';
import { FailureNote } from './FailureNote.tsx';
import { PasswordField } from './PasswordField.tsx';
import css from './SignIn.module.css';
import { TotpForm } from './TotpForm.tsx';
import { signInTexts } from './texts.ts';

interface Props {
  connection: ServerConnection;
  /** Given: this person and nobody else, as when a session ended. */
  fixedUser?: string;
  /** Above it, between the fields and the button. */
  children?: React.ReactNode;
  onSignedIn(who: Who): void;
}

/** Name and password, then the second factor where there is one. */
export function CredentialsForm({ connection, fixedUser, children, onSignedIn }: Props) {
  const t = useTexts(signInTexts);
  const [userName, setUserName] = useState(fixedUser ?? connection.profile.userName ?? '');
  const [password, setPassword] = useState('');
  const [forgot, setForgot] = useState(false);
  const [busy, setBusy] = useState(false);
  const [totp, setTotp] = useState(false);
  const [error, setError] = useState<OmError | null>(null);

  async function signIn(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const step = await connection.signIn({ userName: userName.trim(), password });
      setPassword('');
      if (step.next === 'done') onSignedIn(step.who);
      else setTotp(true);
    } catch (cause) {
      setError(asOmError(cause));
    } finally {
      setBusy(false);
    }
  }

  if (totp) return <TotpForm {...{ connection, onSignedIn, onBack: () => setTotp(false) }} />;
  return (
    <form
      className={css.form}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (!busy) void signIn();
      }}
    >
      <TextInput
        {...{ label: t('userName'), value: userName, readOnly: fixedUser !== undefined, required: true }}
        {...{ withAsterisk: false, autoComplete: 'username', autoCapitalize: 'none', spellCheck: false }}
        data-autofocus={userName === '' || undefined}
        leftSection={<IconUser size={16} stroke={1.5} aria-hidden="true" />}
        onChange={(event) => setUserName(event.currentTarget.value)}
      />
      <div className={css.labelled}>
        <button type="button" className={css.labelLink} aria-expanded={forgot} onClick={() => setForgot(!forgot)}>
          {t('forgot')}
        </button>
        <PasswordField
          {...{ label: t('password'), value: password, onChange: setPassword, autoComplete: 'current-password' }}
          autoFocus={userName !== ''}
        />
      </div>
      {forgot && <p className={css.meta}>{t('forgotWhy')}</p>}
      {children}
      {error && <FailureNote error={error} />}
      <Button type="submit" variant="filled" fullWidth disabled={busy} aria-busy={busy}>
        {busy ? t('signingIn') : t('signIn')}
      </Button>
    </form>
  );
}
