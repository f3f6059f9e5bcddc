import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, type RefObject, useState } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import css from './LogPage.module.css';
import { logTexts } from './texts.ts';
import type { SearchQuery } from './useSearch.ts';

/** What to look for. Nothing is searched before Enter. */
export function SearchBox({
  label,
  initial = '',
  field,
  onSearch,
  children,
}: {
  label: string;
  initial?: string;
  field?: RefObject<HTMLInputElement | null>;
  onSearch: (query: SearchQuery | null) => void;
  children?: ReactNode;
}) {
  const t = useTexts(logTexts);
  const [pattern, setPattern] = useState(initial);
  const [ignoreCase, setIgnoreCase] = useState(false);
  const [regex, setRegex] = useState(false);
  const search = (options: { ignoreCase: boolean; regex: boolean }) =>
    onSearch(pattern === '' ? null : { pattern, ...options });
  return (
    <form
      className={css.search}
      onSubmit={(event) => {
        event.preventDefault();
        search({ ignoreCase, regex });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onSearch(null);
      }}
    >
      <TextInput
        ref={field}
        {...{ size: 'xs', value: pattern, placeholder: label, 'aria-label': label, maxLength: 500 }}
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden="true" />}
        onChange={(event) => setPattern(event.currentTarget.value)}
      />
      <Button
        {...{ size: 'xs', title: t('ignoreCaseTitle'), 'aria-label': t('ignoreCaseTitle') }}
        aria-pressed={ignoreCase}
        onClick={() => {
          setIgnoreCase(!ignoreCase);
          search({ ignoreCase: !ignoreCase, regex });
        }}
      >
        {t('ignoreCase')}
      </Button>
      <Button
        {...{ size: 'xs', title: t('regexTitle'), 'aria-label': t('regexTitle') }}
        aria-pressed={regex}
        onClick={() => {
          setRegex(!regex);
          search({ ignoreCase, regex: !regex });
        }}
      >
        {t('regex')}
      </Button>
      {children}
    </form>
  );
}
