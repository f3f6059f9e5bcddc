import { Button, Popover, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts } from '../../../i18n/useTexts.ts';
import chips from '../../../ui/chips.module.css';
import { DayRange } from '../../../ui/filters/DayRange.tsx';
import { daysAgo } from '../../../ui/filters/days.ts';
import { FilterChip, ToggleChip } from '../../../ui/filters/FilterChip.tsx';
import fields from '../../../ui/filters/filters.module.css';
import { SavedFilters } from '../../../ui/filters/SavedFilters.tsx';
import { SearchField } from '../../../ui/filters/SearchField.tsx';
import { filterTexts } from '../../../ui/filters/texts.ts';
import audit from '../Audit.module.css';
import { momentOf } from '../moment.ts';
import { auditTexts } from '../texts.ts';
import type { CommandQuery } from './commandQuery.ts';
import { commandTexts } from './texts.ts';

interface Props {
  query: CommandQuery;
  /** As it stands in the address. */
  text: string;
  onChange: (part: Partial<CommandQuery>) => void;
  onChoose: (text: string) => void;
}

const isDay = (value: string) => value.length === 10;
const short = (value: string | null) => (value === null ? '…' : isDay(value) ? value : momentOf(value));

/** Which commands are shown: words, marks and days at hand, the rest behind a button. */
export function CommandFilters({ query, text, onChange, onChoose }: Props) {
  const t = useTexts(commandTexts);
  const tAudit = useTexts(auditTexts);
  const tFilter = useTexts(filterTexts);
  const spans = [
    ['today', daysAgo(0)],
    ['week', daysAgo(6)],
    ['month', daysAgo(29)],
  ] as const;
  const isSpan = query.to === null && (query.from === null || spans.some(([, from]) => from === query.from));
  const toggles = [
    ['outside', 'yes', 'outside'],
    ['exit', 'failed', 'exitFailed'],
    ['signed', 'no', 'unsigned'],
    ['gaps', 'yes', 'onlyGaps'],
    ['programs', 'yes', 'programs'],
  ] as const;
  return (
    <search aria-label={tAudit('filter')}>
      <div className={audit.tools}>
        <SearchField
          label={t('search')}
          value={query.text ?? ''}
          onChange={(text) => onChange({ text: text || null })}
        />
        <More {...{ query, onChange }} />
        <SavedFilters page="commands" query={text} onChoose={onChoose} />
      </div>
      <div className={chips.chips}>
        {toggles.map(([name, value, title]) => (
          <ToggleChip
            key={name}
            on={query[name] === value}
            onClick={() => onChange({ [name]: query[name] === value ? null : value })}
          >
            {t(title)}
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
        {(['host', 'user', 'exit', 'session', 'run', 'terminal', 'hostsOf'] as const).map((name) => {
          const value = query[name];
          if (value === null || value === 'failed') return null;
          return <FilterChip key={name} name={t(name)} value={value} onRemove={() => onChange({ [name]: null })} />;
        })}
        {!isSpan && (
          <FilterChip
            name={t('period')}
            value={`${short(query.from)} – ${short(query.to)}`}
            onRemove={() => onChange({ from: null, to: null })}
          />
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
  const tAudit = useTexts(auditTexts);
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus>
      <Popover.Target>
        <Button
          aria-expanded={open}
          leftSection={<IconFilter size={16} stroke={1.5} aria-hidden="true" />}
          onClick={() => setOpen(!open)}
        >
          {tAudit('more')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Fields {...{ query, onChange }} />
      </Popover.Dropdown>
    </Popover>
  );
}

const typedFields = ['host', 'user', 'exit', 'session'] as const;
const examples = { host: 'web-01', user: 'root', exit: '1', session: '4711-1' } as const;

function Fields({ query, onChange }: Pick<Props, 'query' | 'onChange'>) {
  const t = useTexts(commandTexts);
  const tAudit = useTexts(auditTexts);
  const [typed, setTyped] = useState({
    host: query.host ?? '',
    user: query.user ?? '',
    exit: query.exit === 'failed' ? '' : (query.exit ?? ''),
    session: query.session ?? '',
  });
  const days = (value: string | null) => (value !== null && isDay(value) ? value : null);
  return (
    <form
      className={fields.fields}
      onSubmit={(event) => {
        event.preventDefault();
        const given = (name: keyof typeof typed) => typed[name].trim() || null;
        const exit = given('exit') ?? (query.exit === 'failed' ? 'failed' : null);
        onChange({ host: given('host'), user: given('user'), session: given('session'), exit });
      }}
    >
      {typedFields.map((name) => (
        <TextInput
          key={name}
          label={t(name)}
          placeholder={examples[name]}
          maxLength={100}
          {...(name === 'exit' ? { inputMode: 'numeric', pattern: '-?[0-9]{1,9}' } : {})}
          value={typed[name]}
          onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
        />
      ))}
      <DayRange from={days(query.from)} to={days(query.to)} onChange={onChange} />
      <Button type="submit" variant="filled">
        {tAudit('apply')}
      </Button>
    </form>
  );
}
