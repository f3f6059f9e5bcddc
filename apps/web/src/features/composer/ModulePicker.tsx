import { TextInput } from '@mantine/core';
import type { ModuleSummary } from '@omanager/contract';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import layout from '../../ui/layout.module.css';
import { ModuleList } from '../modules/ModuleList.tsx';
import { isMeant } from '../modules/search.ts';
import css from './Composer.module.css';
import { ModuleFacts } from './ModuleFacts.tsx';
import { isOwnList, ofOwn } from './ownModules.ts';
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
  const own = usePreferences();
  const [typed, setTyped] = useState('');
  const listed =
    typed !== '' || family === null
      ? modules
      : isOwnList(family)
        ? ofOwn(modules, family, own)
        : modules.filter((module) => module.family === family);
  const found = listed.filter((module) => isMeant(module, typed));
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
      {selected?.startsWith('draft:') && <p className={css.draftNote}>{t('draftNote')}</p>}
      {found.length === 0 && <p className={css.hint}>{t('noModule')}</p>}
      <ModuleList modules={found} selected={selected} onSelect={onSelect} />
      {chosen && <ModuleFacts module={chosen} />}
    </section>
  );
}
