import { lazy, Suspense, useState } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useAway } from '../data/blocked.ts';
import { useSession } from '../data/session.tsx';
import { OpenAlertsProvider } from '../features/audit/alerts/OpenAlerts.tsx';
import { MyRunsProvider } from '../features/inbox/MyRuns.tsx';
import { Toast } from '../features/inbox/Toast.tsx';
import { OutputPanel } from '../features/output/OutputPanel.tsx';
import { ConnectionStrip } from '../features/signin/ConnectionStrip.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { StillContext } from '../ui/now.ts';
import { BottomNavigation } from './BottomNavigation.tsx';
import { useCommand } from './commands.ts';
import { useKeyboard } from './keyboard.ts';
import { Notes } from './Notes.tsx';
import { PageGuard } from './PageGuard.tsx';
import { Palette } from './Palette.tsx';
import { routes } from './pages.tsx';
import { Rail } from './Rail.tsx';
import css from './Shell.module.css';
import { StatusBar } from './StatusBar.tsx';
import { TabStrip } from './TabStrip.tsx';
import { TopBar } from './TopBar.tsx';
import { appTexts } from './texts.ts';
import { useDesktopActivity } from './useDesktopActivity.ts';
import { useKeptFocus } from './useKeptFocus.ts';
import { useListKeys } from './useListKeys.ts';
import { useNavigationKeys } from './useNavigationKeys.ts';

const HelpSheet = lazy(() => import('./HelpSheet.tsx'));

/** What stands around every screen. */
export function Shell() {
  return (
    <MyRunsProvider>
      <OpenAlertsProvider>
        <Frame />
      </OpenAlertsProvider>
    </MyRunsProvider>
  );
}

function Frame() {
  const t = useTexts(appTexts);
  const [location] = useLocation();
  const { client } = useSession();
  const { sidebar, layout } = usePreferences();
  const away = useAway(client);
  const [help, setHelp] = useState(false);
  useKeyboard();
  useKeptFocus();
  useNavigationKeys();
  useListKeys();
  useDesktopActivity();
  useCommand('keys', () => setHelp(true));
  return (
    <div className={css.shell} data-sidebar={sidebar ? 'on' : 'off'} data-layout={layout}>
      <a className={css.skip} href="#content">
        {t('skip')}
      </a>
      <TopBar />
      <Rail />
      <div className={css.middle}>
        <main className={css.main} id="content" tabIndex={-1}>
          <ConnectionStrip />
          <TabStrip />
          <Notes />
          <div className={css.page} data-away={away || undefined}>
            <StillContext value={away}>
              <PageGuard key={location.split('/')[1]}>
                <Suspense fallback={null}>
                  <Pages />
                </Suspense>
              </PageGuard>
            </StillContext>
          </div>
        </main>
        <OutputPanel />
      </div>
      <StatusBar />
      <BottomNavigation />
      <Palette />
      <Toast />
      <Suspense fallback={null}>{help && <HelpSheet onClose={() => setHelp(false)} />}</Suspense>
    </div>
  );
}

function Pages() {
  const t = useTexts(appTexts);
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/run" replace />
      </Route>
      {routes.map(({ path, page }) => (
        <Route key={path} path={path} component={page} />
      ))}
      <Route>
        <EmptyState title={t('noPage')} action={<a href="/run">{t('goToRun')}</a>}>
          {t('noPageWhy')}
        </EmptyState>
      </Route>
    </Switch>
  );
}
