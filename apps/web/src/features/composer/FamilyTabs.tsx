import type { ModuleSummary } from '@omanager/contract';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { safeText } from '../../ui/safeText.ts';
import { countModules } from '../modules/filters.ts';
import css from './Composer.module.css';
import { ofOwn, ownLists } from './ownModules.ts';
import { composerTexts } from './texts.ts';

interface Props {
  modules: readonly ModuleSummary[];
  family: string | null;
  onFamily: (family: string | null) => void;
}

/** Families with their counts, as tabs over the whole composer, and what this person has a star on or ran last. */
export function FamilyTabs({ modules, family, onFamily }: Props) {
  const t = useTexts(composerTexts);
  const title = useTitle();
  const own = usePreferences();
  const { all, families } = countModules(modules);
  const tabs = [
    { key: null, label: t('all'), count: all },
    ...ownLists
      .map((key) => ({ key, label: t(key), count: ofOwn(modules, key, own).length }))
      .filter(({ key, count }) => count > 0 || key === family),
    ...families.map(({ family: key, title: name, count }) => ({ key, label: safeText(title(name)), count })),
  ];
  return (
    <div className={css.families} role="tablist" aria-label={t('modules')}>
      {tabs.map(({ key, label, count }) => (
        <button
          key={key ?? ''}
          type="button"
          role="tab"
          aria-selected={key === family}
          className={css.family}
          onClick={() => onFamily(key)}
        >
          {label} <span>{count}</span>
        </button>
      ))}
    </div>
  );
}
