import { TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import chips from '../../ui/chips.module.css';
import { safeText } from '../../ui/safeText.ts';
import css from './Audit.module.css';
import { Outcome } from './Outcome.tsx';
import { auditTexts } from './texts.ts';
import type { EventFilter } from './useEvents.ts';

const outcomes = ['done', 'refused', 'failed'] as const;
const spans = [
  ['hour', 3_600_000],
  ['day', 24 * 3_600_000],
  ['week', 7 * 24 * 3_600_000],
] as const;

/** Since when, as the name of a span: the moment itself is fixed when it is chosen. */
export type Span = (typeof spans)[number][0];
export type Filter = EventFilter & { readonly span?: Span };

interface Props {
  filter: Filter;
  /** `undefined` takes one away. */
  onChange: (filter: Filter) => void;
}

export function Filters({ filter, onChange }: Props) {
  const t = useTexts(auditTexts);
  return (
    <search className={chips.chips} aria-label={t('filter')}>
      {outcomes.map((outcome) => (
        <button
          key={outcome}
          type="button"
          className={chips.chip}
          aria-pressed={filter.outcome === outcome}
          onClick={() => {
            const { outcome: now, ...rest } = filter;
            onChange(now === outcome ? rest : { ...rest, outcome });
          }}
        >
          <Outcome outcome={outcome} />
        </button>
      ))}
      {spans.map(([span, ms]) => (
        <button
          key={span}
          type="button"
          className={chips.chip}
          aria-pressed={filter.span === span}
          onClick={() => {
            const { span: now, from: _, ...rest } = filter;
            onChange(now === span ? rest : { ...rest, span, from: new Date(Date.now() - ms).toISOString() });
          }}
        >
          {t(span)}
        </button>
      ))}
      <NameFilter name="actor" {...{ filter, onChange }} />
      <NameFilter name="action" {...{ filter, onChange }} />
    </search>
  );
}

function NameFilter({ name, filter, onChange }: Props & { name: 'actor' | 'action' }) {
  const t = useTexts(auditTexts);
  const [typed, setTyped] = useState('');
  const { [name]: value, ...rest } = filter;
  if (value !== undefined)
    return (
      <button
        type="button"
        className={chips.chip}
        aria-pressed="true"
        aria-label={t('removeFilter', { name: t(name) })}
        onClick={() => onChange(rest)}
      >
        {t(name)} = {safeText(value)}
        <IconX size={12} stroke={1.5} aria-hidden="true" />
      </button>
    );
  return (
    <form
      className={css.name}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() === '') return;
        onChange({ ...filter, [name]: typed.trim() });
        setTyped('');
      }}
    >
      <TextInput
        aria-label={t(name === 'actor' ? 'actorIs' : 'actionIs')}
        placeholder={t(name === 'actor' ? 'actorIs' : 'actionIs')}
        maxLength={100}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </form>
  );
}
