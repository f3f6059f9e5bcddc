import { IconCheck } from '@tabler/icons-react';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';

/** The key by which a server is known; compared once, kept by the profile from then on. */
export function Fingerprint({ value, note, trusted }: { value: string; note: string; trusted: boolean }) {
  const t = useTexts(signInTexts);
  return (
    <section className={css.fingerprint} aria-label={t('fingerprint')}>
      <div className={css.fingerprintHead}>
        <b>{t('fingerprint')}</b>
        {trusted && (
          <span className={css.matches}>
            <IconCheck size={14} stroke={2} aria-hidden="true" />
            {t('matches')}
          </span>
        )}
      </div>
      <code className={css.fingerprintValue}>{value}</code>
      <p className={css.meta}>{note}</p>
    </section>
  );
}
