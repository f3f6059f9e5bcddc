import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { createAnswers } from '../data/calls.ts';
import { type Session, SessionProvider } from '../data/session.tsx';
import { SignIn } from '../features/signin/index.tsx';
import { i18n } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { theme } from '../ui/theme.ts';
import { Shell } from './Shell.tsx';

/** Everything: how it looks, who is signed in, then the screens. */
export function App() {
  const { theme: scheme, language, density } = usePreferences();
  const [session, setSession] = useState<Session | null>(null);
  // Of one person: nothing that one was shown is kept for the next.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new session begins with no answers
  const answers = useMemo(createAnswers, [session]);

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.dataset.density = density;
    i18n.changeLanguage(language).catch(() => {});
  }, [language, density]);

  return (
    <MantineProvider
      {...{ theme, defaultColorScheme: 'auto' }}
      {...(scheme === 'auto' ? {} : { forceColorScheme: scheme })}
    >
      {session ? (
        <SessionProvider session={session}>
          <QueryClientProvider client={answers}>
            <Shell />
          </QueryClientProvider>
        </SessionProvider>
      ) : (
        <SignIn onSession={setSession} />
      )}
    </MantineProvider>
  );
}
