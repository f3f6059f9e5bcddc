import { Button, Indicator, Popover, Select, TextInput } from '@mantine/core';
import { finalRunStates, type RunState, runStates } from '@omanager/contract';
import { IconFilter } from '@tabler/icons-react';
import { useState } from 'react';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import chips from '../../ui/chips.module.css';
import { DayRange } from '../../ui/filters/DayRange.tsx';
import { daysAgo } from '../../ui/filters/days.ts';
import { FilterChip, ToggleChip } from '../../ui/filters/FilterChip.tsx';
import fields from '../../ui/filters/filters.module.css';
import { SavedFilters } from '../../ui/filters/SavedFilters.tsx';
import { SearchField } from '../../ui/filters/SearchField.tsx';
import { filterTexts } from '../../ui/filters/texts.ts';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { StateLabel } from '../../ui/StateLabel.tsx';
import css from './Runs.module.css';
import type { RunQuery } from './runQuery.ts';
import { ServerField } from './ServerField.tsx';
import { runsTexts } from './texts.ts';

const underWay = runStates.filter((state) => !finalRunStates.has(state));
const ended = runStates.filter((state) => finalRunStates.has(state));

interface Props {
  query: RunQuery;
  /** As it stands in the address. */
  text: string;
  onChange: (part: Partial<RunQuery>) => void;
  onChoose: (text: string) => void;
}

/** Which runs are shown: words, states and days at hand, the rest behind a button. */
export function RunFilters({ query, text, onChange, onChoose }: Props) {
  const t = useTexts(runsTexts);
  const tFilter = useTexts(filterTexts);
  const has = (states: readonly RunState[]) => states.every((state) => query.states.includes(state));
  const toggle = (states: readonly RunState[]) => {
    const rest = query.states.filter((state) => !states.includes(state));
    onChange({ states: has(states) ? rest : [...rest, ...states] });
  };
  const spans = [
    ['today', daysAgo(0)],
    ['week', daysAgo(6)],
    ['month', daysAgo(29)],
  ] as const;
  return (
    <search className={css.filters} aria-label={t('filter')}>
      <div className={css.tools}>
        <SearchField
          label={t('search')}
          value={query.text ?? ''}
          onChange={(text) => onChange({ text: text || null })}
        />
        <MoreFilters {...{ query, onChange }} />
        <SavedFilters page="runs" query={text} onChoose={onChoose} />
      </div>
      <div className={`${chips.chips} ${css.chips}`}>
        <ToggleChip on={query.by === 'me'} onClick={() => onChange({ by: query.by === 'me' ? null : 'me' })}>
          {t('mine')}
        </ToggleChip>
        <ToggleChip on={has(underWay)} onClick={() => toggle(underWay)}>
          <StateGlyph state="running" />
          {t('underWay')}
        </ToggleChip>
        {ended.map((state) => (
          <ToggleChip key={state} on={has([state])} onClick={() => toggle([state])}>
            <StateLabel state={state} />
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
        <Chosen {...{ query, onChange }} spans={spans.map(([, from]) => from)} />
        {text !== '' && (
          <Button variant="subtle" size="compact-sm" onClick={() => onChoose('')}>
            {tFilter('clear')}
          </Button>
        )}
      </div>
    </search>
  );
}

/** What was chosen behind the button. */
function Chosen({ query, onChange, spans }: Pick<Props, 'query' | 'onChange'> & { spans: readonly string[] }) {
  const t = useTexts(runsTexts);
  const days = query.from === query.to ? query.from : `${query.from ?? '…'} – ${query.to ?? '…'}`;
  const isSpan = query.from === null ? query.to === null : query.to === null && spans.includes(query.from);
  return (
    <>
      {query.by !== null && query.by !== 'me' && (
        <FilterChip name={t('who')} value={query.by} onRemove={() => onChange({ by: null })} />
      )}
      {query.host !== null && (
        <FilterChip name={t('server')} value={query.host} onRemove={() => onChange({ host: null })} />
      )}
      {query.module !== null && (
        <FilterChip name={t('module')} value={query.module} onRemove={() => onChange({ module: null })} />
      )}
      {query.environment !== null && (
        <FilterChip
          name={t('environment')}
          value={query.environment}
          onRemove={() => onChange({ environment: null })}
        />
      )}
      {!isSpan && (
        <FilterChip name={t('days')} value={days ?? ''} onRemove={() => onChange({ from: null, to: null })} />
      )}
    </>
  );
}

function MoreFilters({ query, onChange }: Pick<Props, 'query' | 'onChange'>) {
  const t = useTexts(runsTexts);
  const [open, setOpen] = useState(false);
  const set = [query.by !== null && query.by !== 'me', query.host, query.module, query.environment].filter(Boolean);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus>
      <Indicator disabled={set.length === 0} size={8} offset={4}>
        <Popover.Target>
          <Button
            aria-expanded={open}
            leftSection={<IconFilter size={16} stroke={1.5} aria-hidden="true" />}
            onClick={() => setOpen(!open)}
          >
            {t('filters')}
          </Button>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown>
        <Fields {...{ query, onChange }} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Asked for only when the button is pressed. */
function Fields({ query, onChange }: Pick<Props, 'query' | 'onChange'>) {
  const t = useTexts(runsTexts);
  const title = useTitle();
  const may = useMay();
  const modules = useAnswer('modules.list', { retired: true }, { enabled: may('module.read') });
  const all = useAnswer('hosts.count', { selector: '*' }, { enabled: may('inventory.read') });
  const [who, setWho] = useState(query.by === 'me' ? '' : (query.by ?? ''));
  return (
    <form
      className={fields.fields}
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ by: who.trim() || null });
      }}
    >
      <TextInput
        label={t('who')}
        maxLength={100}
        value={who}
        onChange={(event) => setWho(event.currentTarget.value)}
        onBlur={() => {
          if (who.trim() !== (query.by ?? '')) onChange({ by: who.trim() || (query.by === 'me' ? 'me' : null) });
        }}
      />
      <ServerField value={query.host} onChange={(host) => onChange({ host })} />
      <Select
        label={t('module')}
        searchable
        clearable
        data={(modules.data?.items ?? []).map((one) => ({ value: one.id, label: `${title(one.title)} (${one.id})` }))}
        value={query.module}
        onChange={(module) => onChange({ module })}
        comboboxProps={{ withinPortal: false }}
      />
      <Select
        label={t('environment')}
        searchable
        clearable
        data={Object.keys(all.data?.environments ?? {})}
        value={query.environment}
        onChange={(environment) => onChange({ environment })}
        comboboxProps={{ withinPortal: false }}
      />
      <DayRange from={query.from} to={query.to} onChange={onChange} />
    </form>
  );
}
