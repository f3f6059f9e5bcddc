import { Menu, UnstyledButton } from '@mantine/core';
import { isProduction } from '@omanager/contract';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useLocation } from 'wouter';
import { useMay, useSession } from '../data/session.tsx';
import { ActiveRuns } from '../features/inbox/ActiveRuns.tsx';
import { Inbox } from '../features/inbox/Inbox.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { EnvironmentChip } from '../ui/EnvironmentChip.tsx';
import { safeText } from '../ui/safeText.ts';
import { sayCommand } from './commands.ts';
import { useDesktop } from './DesktopContext.ts';
import { KeyHint } from './KeyHint.tsx';
import { Mark } from './Mark.tsx';
import css from './TopBar.module.css';
import { appTexts } from './texts.ts';

const FunctionsMenu = lazy(() => import('./FunctionsMenu.tsx'));

export function TopBar() {
  const t = useTexts(appTexts);
  const { who, server, signOut } = useSession();
  const [, navigate] = useLocation();
  const desktop = useDesktop();
  const may = useMay();
  const { layout } = usePreferences();
  return (
    <header className={css.bar} data-production={(server.environment && isProduction(server.environment)) || undefined}>
      <div className={css.left}>
        <span className={css.mark}>
          <Mark />
        </span>
        <b className={css.name}>OManager</b>
        {server.environment && <EnvironmentChip environment={server.environment} />}
        <span className={css.server} title={safeText(server.address)}>
          {safeText(server.name)}
        </span>
        {layout === 'classic' && may('module.read') && (
          <Suspense fallback={null}>
            <FunctionsMenu />
          </Suspense>
        )}
      </div>
      <button type="button" className={css.palette} onClick={() => sayCommand('palette')}>
        <IconSearch size={16} stroke={1.5} aria-hidden="true" />
        <span>{t('search')}</span>
        <KeyHint name="palette" />
      </button>
      <div className={css.right}>
        <ActiveRuns />
        <Inbox />
        <Menu>
          <Menu.Target>
            <UnstyledButton className={css.account} aria-label={t('account', { name: safeText(who.userName) })}>
              <span className={css.avatar} data-initial={safeText(who.userName).slice(0, 1).toUpperCase()} />
              <span className={css.user}>{safeText(who.userName)}</span>
              <IconChevronDown size={14} stroke={1.5} aria-hidden="true" />
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{who.role}</Menu.Label>
            <Menu.Item onClick={() => navigate('/settings')}>{t('settings')}</Menu.Item>
            <Menu.Item onClick={() => sayCommand('keys')}>{t('keys')}</Menu.Item>
            {desktop && <Menu.Item onClick={() => sayCommand('switchServer')}>{t('switchServer')}</Menu.Item>}
            <Menu.Item onClick={() => void signOut()}>{t('signOut')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </header>
  );
}
