import { Menu, UnstyledButton } from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { useMay } from '../data/session.tsx';
import { OpenAlertsCount, useOpenAlerts } from '../features/audit/alerts/OpenAlerts.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import css from './BottomNavigation.module.css';
import { railPages } from './pages.tsx';
import { appTexts } from './texts.ts';

const first = 4;

/** On a phone: the pages that are used standing up, the rest behind "More". */
export function BottomNavigation() {
  const t = useTexts(appTexts);
  const may = useMay();
  const [location, navigate] = useLocation();
  const openAlerts = useOpenAlerts();
  const pages = railPages.filter(({ permission }) => may(permission));
  return (
    <nav className={css.bar} aria-label={t('navigation')}>
      {pages.slice(0, first).map(({ name, path, icon: Icon }) => (
        <Link
          key={name}
          href={path}
          className={css.entry}
          aria-description={name === 'audit' ? openAlerts : undefined}
          aria-current={location.split('/')[1] === path.slice(1) ? 'page' : undefined}
        >
          <Icon size={22} stroke={1.5} aria-hidden="true" />
          {t(name)}
          {name === 'audit' && <OpenAlertsCount />}
        </Link>
      ))}
      <Menu position="top-end">
        <Menu.Target>
          <UnstyledButton className={css.entry}>
            <IconMenu2 size={22} stroke={1.5} aria-hidden="true" />
            {t('more')}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {pages.slice(first).map(({ name, path }) => (
            <Menu.Item key={name} onClick={() => navigate(path)}>
              {t(name)}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => navigate('/settings')}>{t('settings')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}
