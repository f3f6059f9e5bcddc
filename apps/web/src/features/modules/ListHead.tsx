import { ActionIcon, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconX } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import css from './Modules.module.css';
import { moduleTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** Search, and the way to a new module for who may write one. */
export function ListHead({ typed, onType }: { typed: string; onType: (typed: string) => void }) {
  const t = useTexts(moduleTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  return (
    <div className={layout.bar}>
      <TextInput
        type="search"
        className={css.search ?? ''}
        aria-label={t('search')}
        placeholder={t('search')}
        leftSection={<IconSearch {...icon} />}
        rightSection={
          typed && (
            <ActionIcon aria-label={t('clearSearch')} onClick={() => onType('')}>
              <IconX {...icon} />
            </ActionIcon>
          )
        }
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onType('')}
      />
      {may('module.write') && (
        <ActionIcon aria-label={t('newModule')} title={t('newModule')} onClick={() => navigate('/modules/_new')}>
          <IconPlus {...icon} />
        </ActionIcon>
      )}
    </div>
  );
}
