import { Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { ConnectionStrip } from '../features/signin/ConnectionStrip.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { BottomNavigation } from './BottomNavigation.tsx';
import { useKeyboard } from './keyboard.ts';
import { PageGuard } from './PageGuard.tsx';
import { Palette } from './Palette.tsx';
import { routes } from './pages.tsx';
import { Rail } from './Rail.tsx';
import css from './Shell.module.css';
import { StatusBar } from './StatusBar.tsx';
import { TabStrip } from './TabStrip.tsx';
import { TopBar } from './TopBar.tsx';
import { appTexts } from './texts.ts';

/** What stands around every screen. */
export function Shell() {
  const t = useTexts(appTexts);
  const [location] = useLocation();
  useKeyboard();
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">
        {t('skip')}
      </a>
      <TopBar />
      <Rail />
      <main className={css.main} id="content" tabIndex={-1}>
        <ConnectionStrip />
        <TabStrip />
        <PageGuard key={location.split('/')[1]}>
          <Suspense fallback={null}>
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
          </Suspense>
        </PageGuard>
      </main>
      <StatusBar />
      <BottomNavigation />
      <Palette />
    </div>
  );
}
