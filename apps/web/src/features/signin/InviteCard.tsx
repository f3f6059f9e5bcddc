import { Button, TextInput } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { useCallback, useEffect, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import type { Invitation, ServerConnection, SessionPort, Who } from '../../session/port.ts';
import { EnrolForm } from './EnrolForm.tsx';
import { FailureNote } from './FailureNote.tsx';
import css from './SignIn.module.css';
import { TotpForm } from './TotpForm.tsx';
import { signInTexts } from './texts.ts';

interface Props {
  port: SessionPort;
  /** What this page was opened with. */
  link: string | null;
  onSignedIn(connection: ServerConnection, who: Who): void;
  /** Null: there is nothing to go back to. */
  onBack: (() => void) | null;
}

/** A new server, by invite: the link, then what it says, then who you are. */
export function InviteCard({ port, link, onSignedIn, onBack }: Props) {
  const t = useTexts(signInTexts);
  const [text, setText] = useState('');
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [waiting, setWaiting] = useState<ServerConnection | null>(null);
  const [error, setError] = useState<OmError | null>(null);

  const read = useCallback(
    async (from: string): Promise<void> => {
      setError(null);
      try {
        setInvitation(await port.readInvite(from));
        setText('');
      } catch (cause) {
        setError(asOmError(cause));
      }
    },
    [port],
  );
  useEffect(() => {
    if (link !== null) void read(link);
  }, [link, read]);

  const back = waiting ? () => setWaiting(null) : invitation ? () => setInvitation(null) : onBack;
  return (
    <div className={css.card}>
      <div className={css.head}>
        <h1>{waiting ? t('totpTitle') : t('inviteTitle')}</h1>
      </div>
      {waiting ? (
        <TotpForm
          connection={waiting}
          onSignedIn={(who) => onSignedIn(waiting, who)}
          onBack={() => {
            waiting.close();
            setWaiting(null);
          }}
        />
      ) : invitation ? (
        <EnrolForm {...{ port, invitation, onSignedIn }} onTotp={setWaiting} />
      ) : (
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            void read(text);
          }}
        >
          <TextInput
            {...{ label: t('inviteLink'), description: t('inviteHint'), value: text, required: true }}
            {...{ withAsterisk: false, autoComplete: 'off', spellCheck: false, 'data-autofocus': true }}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            classNames={{ input: css.monoInput ?? '' }}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {error && <FailureNote error={error} />}
          <p className={css.meta}>{t('noTrace')}</p>
          <Button type="submit" variant="filled" fullWidth disabled={text.trim() === ''}>
            {t('readLink')}
          </Button>
        </form>
      )}
      {back && !waiting && (
        <Button fullWidth mt="sm" onClick={back}>
          {t('back')}
        </Button>
      )}
    </div>
  );
}
