import { SegmentedControl, Switch } from '@mantine/core';
import { useTexts } from '../../i18n/useTexts.ts';
import { type Preferences, prefer, usePreferences } from '../../preferences/preferences.ts';
import css from './Settings.module.css';
import { settingsTexts } from './texts.ts';

const themes = ['auto', 'light', 'dark'] as const satisfies readonly Preferences['theme'][];
const densities = ['compact', 'normal'] as const satisfies readonly Preferences['density'][];

/** How the client looks in this browser; kept here, not on the server. */
export function Look() {
  const t = useTexts(settingsTexts);
  const { language, theme, density, newestOnTop } = usePreferences();
  return (
    <section className={css.section}>
      <h2>{t('look')}</h2>
      <dl className={css.facts}>
        <dt>{t('language')}</dt>
        <dd>
          <SegmentedControl
            aria-label={t('language')}
            data={[
              { value: 'en', label: 'English' },
              { value: 'zh', label: '中文' },
            ]}
            value={language}
            onChange={(value) => prefer({ language: value === 'zh' ? 'zh' : 'en' })}
          />
        </dd>
        <dt>{t('theme')}</dt>
        <dd>
          <SegmentedControl
            aria-label={t('theme')}
            data={themes.map((value) => ({ value, label: t(value) }))}
            value={theme}
            onChange={(value) => prefer({ theme: themes.find((one) => one === value) ?? 'auto' })}
          />
        </dd>
        <dt>{t('density')}</dt>
        <dd>
          <SegmentedControl
            aria-label={t('density')}
            data={densities.map((value) => ({ value, label: t(value) }))}
            value={density}
            onChange={(value) => prefer({ density: densities.find((one) => one === value) ?? 'compact' })}
          />
        </dd>
      </dl>
      <Switch
        label={t('newestOnTop')}
        checked={newestOnTop}
        onChange={(event) => prefer({ newestOnTop: event.currentTarget.checked })}
      />
    </section>
  );
}
