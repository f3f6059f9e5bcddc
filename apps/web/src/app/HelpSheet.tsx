import { Modal, Switch } from '@mantine/core';
import { useOwn } from '../data/ownSettings.ts';
import { useTexts } from '../i18n/useTexts.ts';
import { usePreferences } from '../preferences/preferences.ts';
import { registrations } from './commands.ts';
import css from './HelpSheet.module.css';
import { KeyHint } from './KeyHint.tsx';
import { keyGroups, keyNames, keys } from './keys.ts';
import { keyTexts } from './keyTexts.ts';
import { keysNow } from './ownKeys.ts';
import { appTexts } from './texts.ts';

/** The keys that count here: everywhere, and in what is shown now. */
export default function HelpSheet({ onClose }: { onClose: () => void }) {
  const t = useTexts(keyTexts);
  const app = useTexts(appTexts);
  const { singleKeys } = usePreferences();
  const { keep } = useOwn();
  const onDesktop = window.omanager !== undefined;
  // Escape closes what is open without anybody's doing.
  const here = keyNames.filter(
    (name) => keysNow(name, onDesktop).length > 0 && (name === 'back' || registrations(name).length > 0),
  );
  return (
    <Modal opened onClose={onClose} title={t('keys')} size="960px" closeButtonProps={{ 'aria-label': app('close') }}>
      <Switch
        label={app('singleKeys')}
        checked={singleKeys}
        onChange={(event) => keep({ singleKeys: event.currentTarget.checked })}
      />
      <div className={css.groups}>
        {keyGroups
          .filter((group) => here.some((name) => keys[name].group === group))
          .map((group) => (
            <section key={group}>
              <h3>{t(`group_${group}`)}</h3>
              <dl>
                {here
                  .filter((name) => keys[name].group === group)
                  .map((name) => (
                    <div key={name} className={css.row}>
                      <dt>{t(name)}</dt>
                      <dd>
                        {(name === 'tabByNumber' ? ['Alt+1…9'] : keysNow(name, onDesktop)).map((combo) => (
                          <KeyHint key={combo} name={name} combo={combo} />
                        ))}
                      </dd>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
      </div>
    </Modal>
  );
}
