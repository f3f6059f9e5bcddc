import { IconPlus, IconX } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { useTexts, useTitle } from '../i18n/useTexts.ts';
import { withKey } from './KeyHint.tsx';
import css from './TabStrip.module.css';
import { closeTab, currentTab, useTabs } from './tabs.ts';
import { appTexts } from './texts.ts';

/** The open documents; hidden on a phone. */
export function TabStrip() {
  const t = useTexts(appTexts);
  const titleOf = useTitle();
  const tabs = useTabs().map(({ path, title }) => ({ path, title: titleOf(title) }));
  const [location, navigate] = useLocation();
  const current = currentTab(tabs, location);
  const shown = useRef<HTMLSpanElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is current
  useEffect(() => {
    // Newer browsers answer with a promise, which an effect must not.
    shown.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return (
    <nav className={css.strip} aria-label={t('documents')}>
      {tabs.map(({ path, title }) => (
        <span
          key={path}
          className={css.tab}
          data-current={path === current || undefined}
          ref={path === current ? shown : null}
        >
          <Link href={path} title={title} aria-current={path === current ? 'page' : undefined}>
            {title}
          </Link>
          <button
            type="button"
            aria-label={t('closeTab', { title })}
            title={path === current ? withKey(t('closeTab', { title }), 'closeTab') : undefined}
            onClick={() => {
              const beside = closeTab(path);
              if (path === current) navigate(beside ?? '/run');
            }}
          >
            <IconX size={12} stroke={1.5} aria-hidden="true" />
          </button>
        </span>
      ))}
      <Link href="/run" className={css.add} aria-label={t('newRun')} title={withKey(t('newRun'), 'goRun')}>
        <IconPlus size={14} stroke={1.5} aria-hidden="true" />
      </Link>
    </nav>
  );
}
