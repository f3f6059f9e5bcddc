import { Button, Popover, Select, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import chips from '../../ui/chips.module.css';
import { DayRange } from '../../ui/filters/DayRange.tsx';
import { daysAgo } from '../../ui/filters/days.ts';
import { FilterChip, ToggleChip } from '../../ui/filters/FilterChip.tsx';
import fields from '../../ui/filters/filters.module.css';
import { SavedFilters } from '../../ui/filters/SavedFilters.tsx';
import { SearchField } from '../../ui/filters/SearchField.tsx';
import { filterTexts } from '../../ui/filters/texts.ts';
import css from './Audit.module.css';
import type { EventQuery } from './eventQuery.ts';
import { Outcome } from './Outcome.tsx';
import { auditTexts } from './texts.ts';

const outcomes = ['done', 'refused', 'failed'] as const;
/** What stands before the point of methods that change something. */
const families = [
  ...['access', 'audit', 'credentials', 'devices', 'groups', 'hostKeys', 'hosts', 'invites', 'ledger', 'modules'],
  ...['runs', 'tokens', 'totp', 'users', 'workers', 'zones'],
];

interface Props {
  query: EventQuery;
  /** As it stands in the address. */
  text: string;
  onChange: (part: Partial<EventQuery>) => void;
  onChoose: (text: string) => void;
}

/** Which events are shown: words, outcomes and days at hand, the rest behind a button. */
export function Filters({ query, text, onChange, onChoose }: Props) {
  const t = useTexts(auditTexts);
  const tFilter = useTexts(filterTexts);
  const spans = [
    ['today', daysAgo(0)],
    ['week', daysAgo(6)],
    ['month', daysAgo(29)],
  ] as const;
  const isSpan = query.to === null && (query.from === null || spans.some(([, from]) => from === query.from));
  const days = query.from === query.to ? query.from : `${query.from ?? '…'} – ${query.to ?? '…'}`;
  return (
    <search aria-label={t('filter')}>
      <div className={css.tools}>
        <SearchField
          label={t('search')}
          value={query.text ?? ''}
          onChange={(text) => onChange({ text: text || null })}
        />
        <More {...{ query, onChange }} />
        <SavedFilters page="audit" query={text} onChoose={onChoose} />
      </div>
      <div className={chips.chips}>
        {outcomes.map((outcome) => (
          <ToggleChip
            key={outcome}
            on={query.outcome === outcome}
            onClick={() => onChange({ outcome: query.outcome === outcome ? null : outcome })}
          >
            <Outcome outcome={outcome} />
          </ToggleChip>
        ))}
        {spans.map(([name, from]) => {
          const on = query.from === from && query.to === null;
          return (
            <ToggleChip key={name} on={on} onClick={() => onChange({ from: on ? null : from, to: null })}>
              {tFilter(name)}
            </ToggleChip>
          );
        })}
        {(['actor', 'family', 'action', 'object'] as const).map((name) => {
          const value = query[name];
          if (value === null) return null;
          return <FilterChip key={name} name={t(name)} value={value} onRemove={() => onChange({ [name]: null })} />;
        })}
        {!isSpan && (
          <FilterChip name={t('days')} value={days ?? ''} onRemove={() => onChange({ from: null, to: null })} />
        )}
        {text !== '' && (
          <Button variant="subtle" size="compact-sm" onClick={() => onChoose('')}>
            {tFilter('clear')}
          </Button>
        )}
      </div>
    </search>
  );
}

function More({ query, onChange }: Pick<Props, 'query' | 'onChange'>) {
  const t = useTexts(auditTexts);
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus>
      <Popover.Target>
        <Button
          aria-expanded={open}
          leftSection={<IconFilter size={16} stroke={1.5} aria-hidden="true" />}
          onClick={() => setOpen(!open)}
        >
          {t('more')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Fields {...{ query, onChange }} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Fields({ query, onChange }: Pick<Props, 'query' | 'onChange'>) {
  const t = useTexts(auditTexts);
  const [typed, setTyped] = useState({
    actor: query.actor ?? '',
    action: query.action ?? '',
    object: query.object ?? '',
  });
  const tell = () =>
    onChange({
      actor: typed.actor.trim() || null,
      action: typed.action.trim() || null,
      object: typed.object.trim() || null,
    });
  const examples = { actor: 'ada', action: 'runs.start', object: 'user:liu' } as const;
  return (
    <form
      className={fields.fields}
      onSubmit={(event) => {
        event.preventDefault();
        tell();
      }}
    >
      <Select
        label={t('family')}
        searchable
        clearable
        data={families}
        value={query.family}
        onChange={(family) => onChange({ family })}
        comboboxProps={{ withinPortal: false }}
      />
      {(['actor', 'action', 'object'] as const).map((name) => (
        <TextInput
          key={name}
          label={t(name)}
          placeholder={examples[name]}
          maxLength={name === 'object' ? 255 : 100}
          value={typed[name]}
          onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
        />
      ))}
      <DayRange from={query.from} to={query.to} onChange={onChange} />
      <Button type="submit" variant="filled">
        {t('apply')}
      </Button>
    </form>
  );
}
