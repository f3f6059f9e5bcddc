import type { ClientState } from '@omanager/client';
import { OmError } from '@omanager/contract';
import { IconKey } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import type { ServerConnection, SessionPort, Who } from '../../session/port.ts';
import type { Profile } from '../../session/profile.ts';
import { EnvironmentChip } from '../../ui/EnvironmentChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import { CredentialsForm } from './CredentialsForm.tsx';
import { FailureNote } from './FailureNote.tsx';
import { Fingerprint } from './Fingerprint.tsx';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';
import { useClientState } from './useClientState.ts';
import { useConnection } from './useConnection.ts';

interface Props {
  port: SessionPort;
  profile: Profile;
  onSignedIn(connection: ServerConnection, who: Who): void;
  onState(state: ClientState | null): void;
}

/** Signing in to a server that this device knows. */
export function ProfileCard({ port, profile, onSignedIn, onState }: Props) {
  const t = useTexts(signInTexts);
  const language = useLanguage();
  const { opening, handOver } = useConnection({ port, profileId: profile.id, onResumed: onSignedIn });
  const date = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium' }).format(
    new Date(profile.firstSeenAt),
  );

  return (
    <div className={css.card}>
      <div className={css.head}>
        <h1>{t('signInTo', { name: safeText(profile.name) })}</h1>
        {profile.environment && <EnvironmentChip environment={profile.environment} />}
      </div>
      <p className={css.address}>{safeText(profile.address)}</p>
      {opening.at === 'failed' && <FailureNote error={opening.error} />}
      {(opening.at === 'resuming' || opening.at === 'ready') && (
        <ConnectionTrouble connection={opening.connection} onState={onState} />
      )}
      {opening.at === 'resuming' && (
        <p className={css.meta} role="status">
          {t('resuming', { name: safeText(profile.userName ?? '') })}
        </p>
      )}
      {opening.at === 'ready' && (
        <CredentialsForm
          connection={opening.connection}
          onSignedIn={(who) => {
            handOver(opening.connection);
            onSignedIn(opening.connection, who);
          }}
        >
          <DeviceKey />
        </CredentialsForm>
      )}
      <Fingerprint value={profile.fingerprint} note={t('firstSeen', { date })} trusted />
    </div>
  );
}

/** In the place of the key file: there is nothing to choose. */
function DeviceKey() {
  const t = useTexts(signInTexts);
  return (
    <p className={css.deviceKey}>
      <IconKey size={16} stroke={1.5} aria-hidden="true" />
      {t('deviceKey')}
      <span>{t('keptHere')}</span>
    </p>
  );
}

/** Why there is no connection, while there is none; the client goes on trying. */
function ConnectionTrouble({
  connection,
  onState,
}: {
  connection: ServerConnection;
  onState(state: ClientState | null): void;
}) {
  const state = useClientState(connection.client);
  useEffect(() => {
    onState(state);
    return () => onState(null);
  }, [state, onState]);
  if (state.kind === 'closed' && state.error) return <FailureNote error={state.error} />;
  if (state.kind !== 'connecting' || state.failures === 0) return null;
  const details = { cause: state.lastCause, reason: state.lastReason };
  return <FailureNote error={new OmError('DISCONNECTED', state.lastReason ?? undefined, details)} />;
}
