import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import css from './filters.module.css';

/** Words to look for: asked when Enter is pressed or the field is left, so that no half word is searched. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const tell = () => {
    if (typed.trim() !== value) onChange(typed.trim());
  };
  return (
    <form
      className={css.search}
      onSubmit={(event) => {
        event.preventDefault();
        tell();
      }}
    >
      <TextInput
        type="search"
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden="true" />}
        aria-label={label}
        placeholder={label}
        maxLength={100}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={tell}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || typed === '') return;
          event.stopPropagation();
          setTyped('');
          onChange('');
        }}
      />
    </form>
  );
}
