import { TextInput } from '@mantine/core';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './filters.module.css';
import { filterTexts } from './texts.ts';

/** From one day to another, both of them whole; either may be open. */
export function DayRange({
  from,
  to,
  onChange,
}: {
  from: string | null;
  to: string | null;
  onChange: (range: { from: string | null; to: string | null }) => void;
}) {
  const t = useTexts(filterTexts);
  return (
    <div className={css.range}>
      <TextInput
        type="date"
        label={t('from')}
        value={from ?? ''}
        {...(to === null ? {} : { max: to })}
        onChange={(event) => onChange({ from: event.currentTarget.value || null, to })}
      />
      <TextInput
        type="date"
        label={t('to')}
        value={to ?? ''}
        {...(from === null ? {} : { min: from })}
        onChange={(event) => onChange({ from, to: event.currentTarget.value || null })}
      />
    </div>
  );
}
