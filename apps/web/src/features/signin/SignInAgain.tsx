import { Button, Modal } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { useEffect, useEffectEvent } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import type { ServerConnection, Who } from '../../session/port.ts';
import { CredentialsForm } from './CredentialsForm.tsx';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';
import { useClientState } from './useClientState.ts';

interface Props {
  connection: ServerConnection;
  who: Who;
  /** The same person is back, perhaps with another role. */
  onAgain(who: Who): void;
  /** The server has ended this device for good, or the person wants to be somebody else. */
  onOver(error: OmError | null): void;
}

/** Over the page, when the session ended under it: the same person signs in, and all that waited goes on. */
export function SignInAgain({ connection, who, onAgain, onOver }: Props) {
  const t = useTexts(signInTexts);
  const state = useClientState(connection.client);
  const over = state.kind === 'closed' ? state.error : null;
  const end = useEffectEvent(onOver);
  useEffect(() => {
    if (over) end(over);
  }, [over]);
  const lost = state.kind === 'open' && state.session !== 'resumed';
  return (
    <Modal
      {...{ opened: lost, title: t('againTitle'), withCloseButton: false }}
      {...{ closeOnEscape: false, closeOnClickOutside: false, onClose: () => {} }}
    >
      <p className={css.meta}>{t('againWhy')}</p>
      <CredentialsForm
        {...{
          connection,
          fixedUser: who.userName,
          onSignedIn: onAgain,
        }}
      />
      <Button variant="subtle" fullWidth mt="sm" onClick={() => onOver(null)}>
        {t('signOut')}
      </Button>
    </Modal>
  );
}
