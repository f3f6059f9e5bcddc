import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { useMay } from '../data/session.tsx';
import { useMyRuns } from '../features/inbox/MyRuns.tsx';
import { useLanguage, useTexts } from '../i18n/useTexts.ts';
import { prefer, usePreferences } from '../preferences/preferences.ts';
import { ConnectionState } from './ConnectionState.tsx';
import { sayCommand } from './commands.ts';
import { withKey } from './KeyHint.tsx';
import css from './StatusBar.module.css';
import { appTexts } from './texts.ts';
import { UpdateItem } from './UpdateItem.tsx';

const next = { auto: 'light', light: 'dark', dark: 'auto' } as const;

export function StatusBar() {
  const t = useTexts(appTexts);
  const language = useLanguage();
  const { theme } = usePreferences();
  const { active } = useMyRuns();
  const themeName = t(theme === 'auto' ? 'system' : theme);
  return (
    <footer className={css.bar}>
      <ConnectionState />
      <Lock />
      {active.length > 0 && <span>{t('runsUnderWay', { count: active.length })}</span>}
      <span className={css.space} />
      <UpdateItem />
      <button type="button" onClick={() => sayCommand('keys')} title={withKey(t('keys'), 'keys')}>
        {t('keys')}
      </button>
      <button type="button" onClick={() => prefer({ theme: next[theme] })}>
        {t('theme', { name: themeName })}
      </button>
      <button type="button" onClick={() => prefer({ language: language === 'en' ? 'zh' : 'en' })}>
        {t('language')}
      </button>
    </footer>
  );
}

/** Says whether anything can be started or changed from here; who may not at all is locked by their role. */
function Lock() {
  const t = useTexts(appTexts);
  const may = useMay();
  const { readOnly } = usePreferences();
  if (!may('run.start') && !may('run.control'))
    return (
      <span className={css.locked} title={t('lockRoleWhy')}>
        <IconLock size={14} stroke={1.5} aria-hidden="true" /> {t('lockRole')}
      </span>
    );
  const Icon = readOnly ? IconLock : IconLockOpen;
  return (
    <button
      type="button"
      className={css.lock}
      aria-pressed={readOnly}
      title={withKey(t('lockWhy'), 'readOnly')}
      onClick={() => prefer({ readOnly: !readOnly })}
    >
      <Icon size={14} stroke={1.5} aria-hidden="true" /> {t(readOnly ? 'lockOn' : 'lockOff')}
    </button>
  );
}
