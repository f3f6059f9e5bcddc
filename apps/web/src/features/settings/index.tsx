import { useTab } from '../../app/tabs.ts';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { Account } from './Account.tsx';
import { Behaviour } from './Behaviour.tsx';
import { Keys } from './Keys.tsx';
import { Look } from './Look.tsx';
import { Notices } from './Notices.tsx';
import { settingsTexts } from './texts.ts';

/** What a person sets for themselves. */
export default function Page() {
  const t = useTexts(settingsTexts);
  useTab('/settings', titleOf(settingsTexts, 'title'));
  return (
    <div className={`${layout.column} ${layout.grow}`}>
      <div className={layout.bar}>
        <h1>{t('title')}</h1>
      </div>
      <div className={layout.scroll}>
        <Look />
        <Behaviour />
        <Keys />
        <Notices />
        <Account />
      </div>
    </div>
  );
}
