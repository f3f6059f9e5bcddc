import { TextInput } from '@mantine/core';
import type { ModuleSummary } from '@omanager/contract';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { countModules } from '../modules/filters.ts';
import { ModuleList } from '../modules/ModuleList.tsx';
import { isMeant } from '../modules/search.ts';
import css from './Composer.module.css';
import { ModuleFacts } from './ModuleFacts.tsx';
import { composerTexts } from './texts.ts';

interface Props {
  modules: readonly ModuleSummary[];
  family: string | null;
  selected: string | null;
  onSelect: (id: string) => void;
}

/** The modules of a family, by number and name. */
export function ModulePicker({ modules, family, selected, onSelect }: Props) {
  const t = useTexts(composerTexts);
  const [typed, setTyped] = useState('');
  const found = modules.filter(
    (module) => (typed !== '' || family === null || module.family === family) && isMeant(module, typed),
  );
  const chosen = modules.find(({ id }) => id === selected);
  return (
    <section className={`${layout.column} ${css.modules}`} aria-label={t('modules')}>
      <div className={layout.bar}>
        <TextInput
          type="search"
          className={layout.grow ?? ''}
          aria-label={t('searchModules')}
          placeholder={t('searchModules')}
          leftSection={<IconSearch size={16} stroke={1.5} aria-hidden="true" />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {found.length === 0 && <p className={css.hint}>{t('noModule')}</p>}
      <ModuleList modules={found} selected={selected} onSelect={onSelect} />
      {chosen && <ModuleFacts module={chosen} />}
    </section>
  );
}

interface FamilyTabsProps {
  modules: readonly ModuleSummary[];
  family: string | null;
  onFamily: (family: string | null) => void;
}

/** Families with their counts, as tabs over the whole composer. */
export function FamilyTabs({ modules, family, onFamily }: FamilyTabsProps) {
  const t = useTexts(composerTexts);
  const title = useTitle();
  const { all, families } = countModules(modules);
  const tabs = [
    { key: null, label: t('all'), count: all },
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
