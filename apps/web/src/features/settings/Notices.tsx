import { Switch, TextInput } from '@mantine/core';
import { Fragment } from 'react';
import { useOwn } from '../../data/ownSettings.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { keySettingTexts } from './keyTexts.ts';
import css from './Settings.module.css';

/** When no notices are wanted. */
export function Notices() {
  const t = useTexts(keySettingTexts);
  const { quietHours } = usePreferences();
  const { keep, error } = useOwn();
  const change = (part: { from?: string; to?: string }) => {
    const next = { from: '22:00', to: '07:00', ...quietHours, ...part };
    if (next.from !== '' && next.to !== '') keep({ quietHours: next });
  };
  return (
    <section className={css.section}>
      <h2>{t('notices')}</h2>
      <Switch
        label={t('quiet')}
        description={t('quietWhy')}
        checked={quietHours !== null}
        onChange={(event) => (event.currentTarget.checked ? change({}) : keep({ quietHours: null }))}
      />
      {quietHours && (
        <dl className={css.facts}>
          {(['from', 'to'] as const).map((end) => (
            <Fragment key={end}>
              <dt>{t(end)}</dt>
              <dd>
                <TextInput
                  type="time"
                  aria-label={t(end)}
                  value={quietHours[end]}
                  onChange={(event) => change({ [end]: event.currentTarget.value })}
                />
              </dd>
            </Fragment>
          ))}
        </dl>
      )}
      {error && <ErrorNote error={error} />}
    </section>
  );
}
