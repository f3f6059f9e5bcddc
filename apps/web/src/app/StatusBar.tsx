import { useLanguage, useTexts } from '../i18n/useTexts.ts';
import { prefer, usePreferences } from '../preferences/preferences.ts';
import { ConnectionState } from './ConnectionState.tsx';
import css from './StatusBar.module.css';
import { appTexts } from './texts.ts';

const next = { auto: 'light', light: 'dark', dark: 'auto' } as const;

export function StatusBar() {
  const t = useTexts(appTexts);
  const language = useLanguage();
  const { theme } = usePreferences();
  const themeName = t(theme === 'auto' ? 'system' : theme);
  return (
    <footer className={css.bar}>
      <ConnectionState />
      <span className={css.space} />
      <button type="button" onClick={() => prefer({ theme: next[theme] })}>
        {t('theme', { name: themeName })}
      </button>
      <button type="button" onClick={() => prefer({ language: language === 'en' ? 'zh' : 'en' })}>
        {t('language')}
      </button>
    </footer>
  );
}
