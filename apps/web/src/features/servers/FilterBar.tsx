import { ActionIcon, TextInput } from '@mantine/core';
import type { HostSummary } from '@omanager/contract';
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { safeLines, safeText } from '../../ui/safeText.ts';
import css from './FilterBar.module.css';
import { onlyText } from './filterTexts.ts';
import { serverTexts } from './texts.ts';
import type { readQuery, View } from './view.ts';

interface Props {
  view: View;
  query: ReturnType<typeof readQuery>;
  summary: HostSummary | undefined;
  onChange: (change: Partial<View>) => void;
  /** Opens tree and zones, where they are not on the screen. */
  onSide: (() => void) | null;
}

const quick = [
  ['unreachable', 'unreachable'],
  ['not_ok', 'notOk'],
  ['never_ran', 'neverRan'],
] as const;
/** The first key is asked about at once; those that follow sooner than this wait. */
const pauseMs = 100;

/** What is shown of the servers: a selector as text, and what a selector cannot say as chips. */
export function FilterBar({ view, query, summary, onChange, onSide }: Props) {
  const t = useTexts(serverTexts);
  const [typed, setTyped] = useState(view.query);
  const asking = useRef<{ at: number; timer: ReturnType<typeof setTimeout> | undefined }>({ at: 0, timer: undefined });
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => setTyped(view.query), [view.query]);
  useEffect(() => () => clearTimeout(asking.current.timer), []);

  function ask(text: string, waitMs = 0): void {
    clearTimeout(asking.current.timer);
    const now = () => {
      asking.current.at = performance.now();
      tell.current({ query: text });
    };
    if (waitMs > 0) asking.current.timer = setTimeout(now, waitMs);
    else now();
  }

  function type(text: string): void {
    setTyped(text);
    ask(text, asking.current.at + pauseMs - performance.now());
  }

  const chips = [
    ...(view.environment === null ? [] : [{ name: 'env', value: view.environment, off: { environment: null } }]),
    ...(view.group === null ? [] : [{ name: 'group', value: view.group, off: { group: null } }]),
    ...(view.zone === null ? [] : [{ name: 'zone', value: view.zone, off: { zone: null } }]),
  ];
  return (
    <>
      <search className={`${layout.bar} ${css.bar}`}>
        {onSide && (
          <ActionIcon variant="default" aria-label={t('filters')} title={t('filters')} onClick={onSide}>
            <IconFilter size={16} stroke={1.5} aria-hidden="true" />
          </ActionIcon>
        )}
        <TextInput
          className={css.field ?? ''}
          aria-label={t('filter')}
          title={t('filterHelp')}
          placeholder={t('filter')}
          leftSection={<IconSearch size={16} stroke={1.5} aria-hidden="true" />}
          value={typed}
          error={query.error !== null}
          aria-describedby={query.error === null ? undefined : 'server-filter-error'}
          onChange={(event) => type(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Escape') ask('');
            if (event.key === 'Enter') ask(typed);
          }}
        />
        {chips.map(({ name, value, off }) => (
          <span key={name} className={css.chip}>
            {name} <span className={css.is}>=</span> <span className={layout.mono}>{safeText(value)}</span>
            <button type="button" aria-label={t('removeFilter', { name })} onClick={() => onChange(off)}>
              <IconX size={12} stroke={1.5} aria-hidden="true" />
            </button>
          </span>
        ))}
        {quick.map(([only, count]) => (
          <button
            key={only}
            type="button"
            className={css.chip}
            aria-pressed={view.only === only}
            onClick={() => onChange({ only: view.only === only ? null : only })}
          >
            {t(onlyText[only])}
            {summary && <span className={css.count}>{summary[count].toLocaleString()}</span>}
          </button>
        ))}
        {view.only === 'ungrouped' && (
          <button type="button" className={css.chip} aria-pressed="true" onClick={() => onChange({ only: null })}>
            {t('inNoCategory')}
          </button>
        )}
      </search>
      {query.error && (
        <pre id="server-filter-error" className={css.error} role="alert">
          {safeLines(query.error.message)}
        </pre>
      )}
    </>
  );
}
