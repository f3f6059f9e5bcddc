import { lazy, Suspense } from 'react';
import { Link, useRoute } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { intoView } from '../../ui/intoView.ts';
import layout from '../../ui/layout.module.css';
import tabsCss from '../../ui/tabs.module.css';
import { Actions } from './Actions.tsx';
import { OpenAlertsCount, useOpenAlerts } from './alerts/OpenAlerts.tsx';
import { Integrity } from './integrity/Integrity.tsx';
import { Sessions } from './sessions/Sessions.tsx';
import { auditTexts } from './texts.ts';

const sections = [
  { name: 'commands', path: '/audit/commands' },
  { name: 'actions', path: '/audit' },
  { name: 'sessions', path: '/audit/sessions' },
  { name: 'alerts', path: '/audit/alerts' },
  { name: 'activity', path: '/audit/activity' },
  { name: 'agents', path: '/audit/agents' },
  { name: 'integrity', path: '/audit/integrity' },
] as const;

const SessionPage = lazy(() => import('./sessions/SessionPage.tsx'));
const Alerts = lazy(() => import('./alerts/Alerts.tsx'));
const Agents = lazy(() => import('./agents/Agents.tsx'));
const Commands = lazy(() => import('./commands/Commands.tsx'));
const Activity = lazy(() => import('./activity/Activity.tsx'));
const UserPage = lazy(() => import('./timeline/UserPage.tsx'));
const views = {
  commands: Commands,
  alerts: Alerts,
  agents: Agents,
  activity: Activity,
  actions: Actions,
  sessions: Sessions,
  integrity: Integrity,
};

/** What operators did, the terminals they had, and whether the record of it is as it was written. */
export default function Page() {
  const t = useTexts(auditTexts);
  const [, one] = useRoute('/audit/sessions/:id');
  const [, user] = useRoute('/audit/user/:name');
  const [, part] = useRoute('/audit/:part/*?');
  const shown = sections.find(({ path }) => path === `/audit/${part?.part}`)?.name ?? (user ? null : 'actions');
  const openAlerts = useOpenAlerts();
  useTab('/audit', titleOf(auditTexts, 'title'));
  const View = shown && views[shown];
  return (
    <div className={`${layout.column} ${layout.grow}`}>
      <nav className={tabsCss.strip} aria-label={t('title')}>
        {sections.map(({ name, path }) => (
          <Link
            key={name}
            href={path}
            aria-current={name === shown ? 'page' : undefined}
            ref={name === shown ? intoView : null}
            aria-description={name === 'alerts' ? openAlerts : undefined}
          >
            {t(name)}
            {name === 'alerts' && <OpenAlertsCount />}
          </Link>
        ))}
      </nav>
      {one ? (
        <Suspense fallback={null}>
          <SessionPage key={one.id} id={one.id} />
        </Suspense>
      ) : (
        <Suspense fallback={null}>{user ? <UserPage key={user.name} name={user.name} /> : View && <View />}</Suspense>
      )}
    </div>
  );
}
