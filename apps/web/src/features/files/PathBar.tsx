import { ActionIcon, Checkbox, TextInput } from '@mantine/core';
import { IconArrowUp, IconHome, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { SearchField } from '../../ui/filters/SearchField.tsx';
import { safeText } from '../../ui/safeText.ts';
import css from './Files.module.css';
import { crumbsOf, parentOf, typedPath } from './paths.ts';
import { fileTexts } from './texts.ts';

interface Props {
  here: string;
  find: string;
  hidden: boolean;
  onPath: (path: string | null) => void;
  onFind: (find: string) => void;
  onHidden: (hidden: boolean) => void;
  onRefresh: () => void;
}

/** Where one is, and the ways from there. */
export function PathBar({ here, find, hidden, onPath, onFind, onHidden, onRefresh }: Props) {
  const t = useTexts(fileTexts);
  const [typed, setTyped] = useState(here);
  const icon = { size: 16, stroke: 1.5 };
  return (
    <div className={css.bar}>
      <ActionIcon aria-label={t('up')} title={t('up')} disabled={here === '/'} onClick={() => onPath(parentOf(here))}>
        <IconArrowUp {...icon} />
      </ActionIcon>
      <ActionIcon aria-label={t('home')} title={t('home')} onClick={() => onPath(null)}>
        <IconHome {...icon} />
      </ActionIcon>
      <ActionIcon aria-label={t('refresh')} title={t('refresh')} onClick={onRefresh}>
        <IconRefresh {...icon} />
      </ActionIcon>
      <form
        className={css.path}
        onSubmit={(event) => {
          event.preventDefault();
          onPath(typedPath(typed.trim(), here));
        }}
      >
        <TextInput
          aria-label={t('path')}
          value={typed}
          spellCheck={false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </form>
      <SearchField label={t('find')} value={find} onChange={onFind} />
      <Checkbox label={t('hidden')} checked={hidden} onChange={(event) => onHidden(event.currentTarget.checked)} />
      <nav className={css.crumbs} aria-label={t('folders')}>
        {crumbsOf(here).map(({ name, path }, index, all) => (
          <button
            key={path}
            type="button"
            aria-current={index === all.length - 1 ? 'location' : undefined}
            onClick={() => onPath(path)}
          >
            {safeText(name)}
          </button>
        ))}
      </nav>
    </div>
  );
}
