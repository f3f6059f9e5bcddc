import { IconX } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { useTexts } from '../i18n/useTexts.ts';
import css from './TabStrip.module.css';
import { closeTab, useTabs } from './tabs.ts';
import { appTexts } from './texts.ts';

/** The open documents; hidden on a phone. */
export function TabStrip() {
  const t = useTexts(appTexts);
  const tabs = useTabs();
  const [location, navigate] = useLocation();
  return (
    <nav className={css.strip} aria-label={t('documents')}>
      {tabs.map(({ path, title }) => (
        <span key={path} className={css.tab} data-current={location === path || undefined}>
          <Link href={path} aria-current={location === path ? 'page' : undefined}>
            {title}
          </Link>
          <button
            type="button"
            aria-label={t('closeTab', { title })}
            onClick={() => {
              const beside = closeTab(path);
              if (location === path) navigate(beside ?? '/run');
            }}
          >
            <IconX size={12} stroke={1.5} aria-hidden="true" />
          </button>
        </span>
      ))}
    </nav>
  );
}
