import { Button, Modal } from '@mantine/core';
import type { ClientState } from '@omanager/client';
import type { OmError } from '@omanager/contract';
import { useCallback, useEffect, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import type { ServerConnection, SessionPort, Who } from '../../session/port.ts';
import type { Profile } from '../../session/profile.ts';
import { safeText } from '../../ui/safeText.ts';
import { Backdrop } from './Backdrop.tsx';
import { FailureNote } from './FailureNote.tsx';
import { Footer } from './Footer.tsx';
import { InviteCard } from './InviteCard.tsx';
import { ProfileCard } from './ProfileCard.tsx';
import { ProfileList } from './ProfileList.tsx';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';

interface Props {
  port: SessionPort;
  /** Why the last session is over, where it was not signed out. */
  ended: OmError | null;
  /** Somebody wants another server: none is signed in to by itself. */
  choosing?: boolean;
  onSignedIn(connection: ServerConnection, who: Who): void;
}

/** Which server, and who. */
export function SignIn({ port, ended, choosing = false, onSignedIn }: Props) {
  const t = useTexts(signInTexts);
  const [link] = useState(() => port.takeInvite());
  const [profiles, setProfiles] = useState<readonly Profile[] | null>(null);
  const [selected, setSelected] = useState<string | null>(null);
  const [forgetting, setForgetting] = useState<Profile | null>(null);
  const [state, setState] = useState<ClientState | null>(null);

  const load = useCallback(async (): Promise<void> => {
    const known = await port.profiles();
    setProfiles(known);
    if (link === null && !choosing) setSelected(known[0]?.id ?? null);
  }, [port, link, choosing]);
  useEffect(() => {
    load().catch(() => setProfiles([]));
  }, [load]);

  if (profiles === null) return null;
  const profile = profiles.find(({ id }) => id === selected);
  return (
    <div className={css.page}>
      <ProfileList
        {...{ profiles, selected, onSelect: setSelected, onForget: setForgetting }}
        onAdd={() => setSelected(null)}
      />
      <main className={css.main}>
        <Backdrop />
        <div className={css.middle}>
          {ended && <FailureNote error={ended} />}
          {profile ? (
            <ProfileCard key={profile.id} {...{ port, profile, onSignedIn, onState: setState }} />
          ) : (
            <InviteCard
              {...{ port, link, onSignedIn }}
              onBack={profiles[0] ? () => setSelected(profiles[0]?.id ?? null) : null}
            />
          )}
        </div>
      </main>
      <Footer name={profile?.name ?? null} state={state} />
      <Modal opened={forgetting !== null} onClose={() => setForgetting(null)} title={t('forget')}>
        <div className={css.form}>
          <p>
            <b>{safeText(forgetting?.name ?? '')}</b> {safeText(forgetting?.address ?? '')}
          </p>
          <p>{t('forgetWhy')}</p>
          <Button
            {...{ variant: 'filled', color: 'red' }}
            onClick={() => {
              const id = forgetting?.id;
              setForgetting(null);
              if (id !== undefined) port.removeProfile(id).then(load, load);
            }}
          >
            {t('forget')}
          </Button>
        </div>
      </Modal>
    </div>
  );
}
