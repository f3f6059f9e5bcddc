import { Button, Menu, TextInput } from '@mantine/core';
import { IconBookmark, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useOwn } from '../../data/ownSettings.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { FormDialog } from '../FormDialog.tsx';
import { safeText } from '../safeText.ts';
import css from './filters.module.css';
import { filterTexts } from './texts.ts';

const most = 50;

interface Props {
  page: 'runs' | 'audit' | 'commands';
  /** The filter as it stands in the address, '' for none. */
  query: string;
  onChoose: (query: string) => void;
}

/** Filters that this person has kept under a name. */
export function SavedFilters({ page, query, onChoose }: Props) {
  const t = useTexts(filterTexts);
  const { keep } = useOwn();
  const { savedFilters } = usePreferences();
  const [name, setName] = useState<string | null>(null);
  const mine = savedFilters.filter((one) => one.page === page);
  const without = (gone: string) => savedFilters.filter((one) => one.page !== page || one.name !== gone);
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button leftSection={<IconBookmark size={16} stroke={1.5} aria-hidden="true" />}>{t('saved')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {mine.map((one) => (
            <Menu.Item key={one.name} onClick={() => onChoose(one.query)}>
              {safeText(one.name)}
            </Menu.Item>
          ))}
          {mine.length > 0 && <Menu.Divider />}
          {query === '' ? (
            mine.length === 0 && <p className={css.hint}>{t('nothing')}</p>
          ) : (
            <Menu.Item onClick={() => setName('')}>{t('save')}</Menu.Item>
          )}
          {mine.map((one) => (
            <Menu.Item
              key={one.name}
              leftSection={<IconX size={14} stroke={1.5} aria-hidden="true" />}
              onClick={() => keep({ savedFilters: without(one.name) })}
            >
              {t('forget', { name: safeText(one.name) })}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {name !== null && (
        <FormDialog
          free
          title={t('save')}
          submit={t('keep')}
          disabled={name.trim() === ''}
          busy={false}
          error={null}
          onClose={() => setName(null)}
          onSubmit={() => {
            const added = { page, name: name.trim(), query };
            keep({ savedFilters: [...without(added.name), added].slice(-most) });
            setName(null);
          }}
        >
          <TextInput
            data-autofocus
            label={t('name')}
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </FormDialog>
      )}
    </>
  );
}
