import { useComputedColorScheme } from '@mantine/core';
import type { ClientState } from '@omanager/client';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import { prefer } from '../../preferences/preferences.ts';
import { safeText } from '../../ui/safeText.ts';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';

/** Whether the server can be reached, and how this page shall look. */
export function Footer({ name, state }: { name: string | null; state: ClientState | null }) {
  const t = useTexts(signInTexts);
  const language = useLanguage();
  const scheme = useComputedColorScheme('light');
  const open = state?.kind === 'open';
  const failed = state?.kind === 'connecting' && state.failures > 0;
  const word = open ? 'reachable' : failed ? 'unreachable' : 'connecting';
  return (
    <footer className={css.footer}>
      {name !== null && state !== null && state.kind !== 'closed' && (
        <span className={css.reach} data-word={word} role="status">
          <i />
          {t(word, { name: safeText(name) })}
        </span>
      )}
      {open && <span>{t('sealed')}</span>}
      <span className={css.space} />
      <button type="button" onClick={() => prefer({ theme: scheme === 'dark' ? 'light' : 'dark' })}>
        {t('theme')}
      </button>
      <button type="button" onClick={() => prefer({ language: language === 'en' ? 'zh' : 'en' })}>
        {t('language')}
      </button>
    </footer>
  );
}
