import { Button } from '@mantine/core';
import { useState } from 'react';
import { KeyHint } from '../../app/KeyHint.tsx';
import { type KeyName, keyGroups, keyNames, keys } from '../../app/keys.ts';
import { keyTexts } from '../../app/keyTexts.ts';
import { keysNow, sharedWith } from '../../app/ownKeys.ts';
import { useOwn } from '../../data/ownSettings.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { KeyForm } from './KeyForm.tsx';
import css from './Keys.module.css';
import { keySettingTexts } from './keyTexts.ts';
import settings from './Settings.module.css';

/** Closing with Escape and tabs by number stay as they are. */
const fixed: ReadonlySet<KeyName> = new Set(['back', 'tabByNumber']);

/** Every key, by family: changed, reset, and told where two mean the same. */
export function Keys() {
  const t = useTexts(keySettingTexts);
  const tKeys = useTexts(keyTexts);
  const { keys: own } = usePreferences();
  const { keep, error } = useOwn();
  const [changing, setChanging] = useState<KeyName | null>(null);
  const onDesktop = window.omanager !== undefined;
  const without = (name: KeyName) => Object.fromEntries(Object.entries(own).filter(([one]) => one !== name));
  return (
    <section className={settings.section}>
      <h2>{t('keys')}</h2>
      <p className={css.why}>{t('keysWhy')}</p>
      {error && <ErrorNote error={error} />}
      {keyGroups.map((group) => (
        <div key={group}>
          <h3>{tKeys(`group_${group}`)}</h3>
          <ul className={css.list}>
            {keyNames
              .filter((name) => keys[name].group === group && !fixed.has(name))
              .map((name) => {
                const combos = keysNow(name, onDesktop, own);
                const others = [...new Set(combos.flatMap((combo) => sharedWith(name, combo, onDesktop, own)))];
                return (
                  <li key={name} className={css.row}>
                    <span className={css.name}>{tKeys(name)}</span>
                    <span className={css.combos}>
                      {combos.length === 0
                        ? t('none')
                        : combos.map((combo) => <KeyHint key={combo} {...{ name, combo }} />)}
                      <span className={css.spoken}>{combos.join(', ')}</span>
                    </span>
                    <Button
                      size="compact-sm"
                      aria-label={t('change', { what: tKeys(name) })}
                      onClick={() => setChanging(name)}
                    >
                      {t('changeShort')}
                    </Button>
                    {Object.hasOwn(own, name) && (
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        aria-label={t('reset', { what: tKeys(name) })}
                        onClick={() => keep({ keys: without(name) })}
                      >
                        {t('resetShort')}
                      </Button>
                    )}
                    {others.length > 0 && (
                      <span className={css.shared}>
                        {t('shared', { others: others.map((other) => tKeys(other)).join(', ') })}
                      </span>
                    )}
                  </li>
                );
              })}
          </ul>
        </div>
      ))}
      {Object.keys(own).length > 0 && (
        <Button className={css.all ?? ''} onClick={() => keep({ keys: {} })}>
          {t('resetAll')}
        </Button>
      )}
      {changing && (
        <KeyForm
          name={changing}
          onClose={() => setChanging(null)}
          onKey={(combo) => {
            keep({ keys: { ...own, [changing]: combo === '' ? [] : [combo] } });
            setChanging(null);
          }}
        />
      )}
    </section>
  );
}
