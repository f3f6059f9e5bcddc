import { IconX } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { useTexts } from '../i18n/useTexts.ts';
import css from './TabStrip.module.css';
import { closeTab, type Tab, useTabs } from './tabs.ts';
import { appTexts } from './texts.ts';

/** The open documents; hidden on a phone. */
export function TabStrip() {
  const t = useTexts(appTexts);
  const tabs = useTabs();
  const [location, navigate] = useLocation();
  const current = currentOf(tabs, location);
  return (
    <nav className={css.strip} aria-label={t('documents')}>
      {tabs.map(({ path, title }) => (
        <span key={path} className={css.tab} data-current={path === current || undefined}>
          <Link href={path} aria-current={path === current ? 'page' : undefined}>
            {title}
          </Link>
          <button
            type="button"
            aria-label={t('closeTab', { title })}
            onClick={() => {
              const beside = closeTab(path);
              if (path === current) navigate(beside ?? '/run');
            }}
          >
            <IconX size={12} stroke={1.5} aria-hidden="true" />
          </button>
        </span>
      ))}
    </nav>
  );
}

/** The document that an address is of: a run stays current on all its own pages. */
function currentOf(tabs: readonly Tab[], location: string): string | undefined {
  const matching = tabs.filter(({ path }) => location === path || location.startsWith(`${path}/`));
  return matching.sort((a, b) => b.path.length - a.path.length)[0]?.path;
}
