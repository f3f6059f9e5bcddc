import { Select } from '@mantine/core';
import { useState } from 'react';
import { useAnswer } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { runsTexts } from './texts.ts';

const offered = 20;

/** One server, found by the beginning of its name. */
export function ServerField({ value, onChange }: { value: string | null; onChange: (name: string | null) => void }) {
  const t = useTexts(runsTexts);
  const [typed, setTyped] = useState('');
  const wanted = typed.replace(/[^A-Za-z0-9_.-]/g, '');
  const found = useAnswer('hosts.list', { selector: wanted === '' ? '*' : `${wanted}*`, limit: offered });
  const names = new Set((found.data?.items ?? []).map(({ name }) => name));
  if (value !== null) names.add(value);
  return (
    <Select
      label={t('server')}
      placeholder={t('serverName')}
      searchable
      clearable
      data={[...names]}
      value={value}
      onChange={onChange}
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={t('noServer')}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
