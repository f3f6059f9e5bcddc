import { Link, useLocation } from 'wouter';
import { useMay } from '../data/session.tsx';
import { OpenAlertsCount, useOpenAlerts } from '../features/audit/alerts/OpenAlerts.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import { withKey } from './KeyHint.tsx';
import type { KeyName } from './keys.ts';
import { type PageName, railPages } from './pages.tsx';
import css from './Rail.module.css';
import { appTexts } from './texts.ts';

/** The key of each page. */
export const pageKeys = {
  run: 'goRun',
  runs: 'goRuns',
  servers: 'goServers',
  modules: 'goModules',
  audit: 'goAudit',
  admin: 'goAdmin',
} as const satisfies Record<PageName, KeyName>;

export function Rail() {
  const t = useTexts(appTexts);
  const may = useMay();
  const [location] = useLocation();
  const openAlerts = useOpenAlerts();
  return (
    <nav className={css.rail} aria-label={t('navigation')} data-region="rail">
      {railPages
        .filter(({ permission }) => may(permission))
        .map(({ name, path, icon: Icon }) => (
          <Link
            key={name}
            href={path}
            className={css.entry}
            data-page={name}
            title={withKey(t(name), pageKeys[name])}
            aria-description={name === 'audit' ? openAlerts : undefined}
            aria-current={location.split('/')[1] === path.slice(1) ? 'page' : undefined}
          >
            <Icon size={18} stroke={1.35} aria-hidden="true" />
            {t(name)}
            {name === 'audit' && <OpenAlertsCount />}
          </Link>
        ))}
    </nav>
  );
}
