import { Button, TextInput } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import type { ServerConnection, Who } from '../../session/port.ts';
import { FailureNote } from './FailureNote.tsx';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';

interface Props {
  connection: ServerConnection;
  onSignedIn(who: Who): void;
  onBack(): void;
}

/** The second step: six digits, typed, pasted or filled in by the browser. */
export function TotpForm({ connection, onSignedIn, onBack }: Props) {
  const t = useTexts(signInTexts);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<OmError | null>(null);

  async function verify(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const step = await connection.verifyTotp(code);
      if (step.next === 'done') return onSignedIn(step.who);
    } catch (cause) {
      setError(asOmError(cause));
      setCode('');
    }
    setBusy(false);
  }

  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && code.length === 6) void verify();
      }}
    >
      <TextInput
        {...{ label: t('code'), description: t('totpWhy'), value: code, required: true }}
        {...{ withAsterisk: false, autoComplete: 'one-time-code', inputMode: 'numeric', 'data-autofocus': true }}
        classNames={{ input: css.code ?? '' }}
        autoFocus
        onChange={(event) => setCode(event.currentTarget.value.replace(/\D/g, '').slice(0, 6))}
      />
      {error && <FailureNote error={error} />}
      <Button type="submit" variant="filled" fullWidth disabled={busy || code.length !== 6} aria-busy={busy}>
        {t('confirm')}
      </Button>
      <Button fullWidth onClick={onBack}>
        {t('back')}
      </Button>
    </form>
  );
}
