import { SegmentedControl, Switch } from '@mantine/core';
import { useOwn } from '../../data/ownSettings.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { prefer, usePreferences } from '../../preferences/preferences.ts';
import css from './Settings.module.css';
import { settingsTexts } from './texts.ts';

const layouts = ['standard', 'classic'] as const;
const colours = ['theme', 'black'] as const;
const restores = ['ask', 'always', 'never'] as const;

/** How the window stands and what it does by itself; kept here, not on the server. */
export function Behaviour() {
  const t = useTexts(settingsTexts);
  const now = usePreferences();
  const { keep } = useOwn();
  return (
    <section className={css.section}>
      <h2>{t('window')}</h2>
      <dl className={css.facts}>
        <dt>{t('layout')}</dt>
        <dd>
          <SegmentedControl
            aria-label={t('layout')}
            data={layouts.map((value) => ({ value, label: t(value) }))}
            value={now.layout}
            onChange={(value) =>
              prefer(
                value === 'classic'
                  ? { layout: value, layoutAsked: true, outputOpen: true, newestOnTop: true, sidebar: true }
                  : { layout: 'standard', layoutAsked: true },
              )
            }
          />
        </dd>
        <dt>{t('outputColours')}</dt>
        <dd>
          <SegmentedControl
            aria-label={t('outputColours')}
            data={colours.map((value) => ({ value, label: t(`colours_${value}`) }))}
            value={now.outputColours}
            onChange={(value) => prefer({ outputColours: value === 'black' ? 'black' : 'theme' })}
          />
        </dd>
        <dt>{t('restoreTabs')}</dt>
        <dd>
          <SegmentedControl
            aria-label={t('restoreTabs')}
            data={restores.map((value) => ({ value, label: t(`restore_${value}`) }))}
            value={now.restoreTabs}
            onChange={(value) => prefer({ restoreTabs: restores.find((one) => one === value) ?? 'ask' })}
          />
        </dd>
      </dl>
      <Switch
        label={t('saveMark')}
        checked={now.saveMark}
        onChange={(event) => prefer({ saveMark: event.currentTarget.checked })}
      />
      <Switch
        label={t('singleKeys')}
        checked={now.singleKeys}
        onChange={(event) => keep({ singleKeys: event.currentTarget.checked })}
      />
      <Switch
        label={t('readOnly')}
        checked={now.readOnly}
        onChange={(event) => prefer({ readOnly: event.currentTarget.checked })}
      />
    </section>
  );
}
