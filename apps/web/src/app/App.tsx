import { MantineProvider } from '@mantine/core';
import type { OmError } from '@omanager/contract';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { lockable } from '../data/blocked.ts';
import { createAnswers } from '../data/calls.ts';
import { OwnSettings } from '../data/ownSettings.ts';
import { type Session, SessionProvider } from '../data/session.tsx';
import { forgetDraft } from '../features/composer/draft.ts';
import { FollowRights } from '../features/signin/FollowRights.tsx';
import { SignIn } from '../features/signin/index.tsx';
import { SignInAgain } from '../features/signin/SignInAgain.tsx';
import { i18n } from '../i18n/i18n.ts';
import { useTexts } from '../i18n/useTexts.ts';
import { usePreferences } from '../preferences/preferences.ts';
import type { Desktop } from '../session/desktopPort.ts';
import type { ServerConnection, SessionPort, Who } from '../session/port.ts';
import { uiTexts } from '../ui/texts.ts';
import { themeIn } from '../ui/theme.ts';
import { useCommand } from './commands.ts';
import { DesktopContext } from './DesktopContext.ts';
import { pageNonce } from './nonce.ts';
import { Shell } from './Shell.tsx';
import { beginTabs } from './tabs.ts';
import { useFreshAnswers } from './useFreshAnswers.ts';

/** Everything: how it looks, who is signed in, then the screens. */
export function App({ port, desktop }: { port: SessionPort; desktop: Desktop | null }) {
  const { theme: scheme, language, density } = usePreferences();
  const [signedIn, setSignedIn] = useState<{ connection: ServerConnection; session: Session } | null>(null);
  const [ended, setEnded] = useState<OmError | null>(null);
  const session = signedIn?.session ?? null;
  // Of one person in one role: nothing that one was shown is kept for the next.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new session begins with no answers
  const answers = useMemo(createAnswers, [session]);

  const close = useTexts(uiTexts)('close');
  const look = useMemo(() => themeIn(close), [close]);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.dataset.density = density;
    i18n.changeLanguage(language).catch(() => {});
  }, [language, density]);

  const [invites, setInvites] = useState(0);
  useCommand('showInvite', () => setInvites((count) => count + 1));
  const [choosing, setChoosing] = useState(false);
  // The session lives on: who comes back to this server is still signed in.
  useCommand(
    'switchServer',
    () => {
      signedIn?.connection.close();
      setEnded(null);
      setChoosing(true);
      setSignedIn(null);
    },
    { enabled: signedIn !== null },
  );
  useFreshAnswers(answers, session?.client ?? null);
  function begin(connection: ServerConnection, who: Who): void {
    const { name, address, environment } = connection.profile;
    const server = { name, address, environment };
    setEnded(null);
    setChoosing(false);
    forgetDraft();
    beginTabs(`${address}:${who.userName}`);
    const client = lockable(connection.client);
    setSignedIn({ connection, session: { client, who, server, signOut: async () => end(connection, null) } });
  }
  function end(connection: ServerConnection, error: OmError | null): void {
    // Begun before the sign-in is shown: that would take up a session which is not forgotten yet.
    connection.signOut().catch(() => {});
    setEnded(error);
    setSignedIn(null);
  }

  return (
    <MantineProvider
      {...{ theme: look, defaultColorScheme: 'auto', getStyleNonce: pageNonce }}
      {...(scheme === 'auto' ? {} : { forceColorScheme: scheme })}
    >
      <DesktopContext value={desktop}>
        {signedIn ? (
          <SessionProvider session={signedIn.session}>
            <QueryClientProvider client={answers}>
              <FollowRights onChange={(who) => setSignedIn({ ...signedIn, session: { ...signedIn.session, who } })} />
              <OwnSettings />
              <Shell />
            </QueryClientProvider>
            <SignInAgain
              connection={signedIn.connection}
              who={signedIn.session.who}
              onAgain={(who) => setSignedIn((now) => now && { ...now, session: { ...now.session, who } })}
              onOver={(error) => end(signedIn.connection, error)}
            />
          </SessionProvider>
        ) : (
          <SignIn key={invites} port={port} ended={ended} choosing={choosing} onSignedIn={begin} />
        )}
      </DesktopContext>
    </MantineProvider>
  );
}
