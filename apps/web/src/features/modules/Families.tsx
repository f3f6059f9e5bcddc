import { Select } from '@mantine/core';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { type Filter, type FilterCounts, filterKey } from './filters.ts';
import css from './Modules.module.css';
import { moduleTexts } from './texts.ts';

interface Props {
  counts: FilterCounts;
  filter: Filter;
  onChange: (filter: Filter) => void;
}

interface Choice {
  filter: Filter;
  label: string;
  count: number;
}

function useChoices({ all, families, sources, retired }: FilterCounts) {
  const t = useTexts(moduleTexts);
  const title = useTitle();
  const byFamily: Choice[] = [
    { filter: { kind: 'all' }, label: t('all'), count: all },
    ...families.map(({ family, title: name, count }) => ({
      filter: { kind: 'family' as const, family },
      label: safeText(title(name)),
      count,
    })),
  ];
  const bySource: Choice[] = [
    ...sources.map(({ source, count }) => ({ filter: { kind: 'source' as const, source }, label: t(source), count })),
    ...(retired > 0 ? [{ filter: { kind: 'retired' as const }, label: t('retired'), count: retired }] : []),
  ];
  return { byFamily, bySource };
}

/** The families of modules with their counts, and where modules come from. */
export function Families({ counts, filter, onChange }: Props) {
  const t = useTexts(moduleTexts);
  const { byFamily, bySource } = useChoices(counts);
  const current = filterKey(filter);
  const entries = (choices: readonly Choice[]) =>
    choices.map((choice) => (
      <li key={filterKey(choice.filter)}>
        <button
          type="button"
          className={css.entry}
          aria-pressed={filterKey(choice.filter) === current}
          onClick={() => onChange(choice.filter)}
        >
          <span className={layout.cut}>{choice.label}</span>
          <span className={css.number}>{choice.count}</span>
        </button>
      </li>
    ));
  return (
    <nav className={`${layout.column} ${layout.side} ${css.families}`} aria-label={t('families')}>
      <div className={layout.bar}>
        <h1>{t('library')}</h1>
      </div>
      <div className={layout.scroll}>
        <h2 className={layout.caption}>{t('families')}</h2>
        <ul>{entries(byFamily)}</ul>
        <h2 className={layout.caption}>{t('sources')}</h2>
        <ul>{entries(bySource)}</ul>
      </div>
    </nav>
  );
}

/** The same as one field, where there is no room for a column. */
export function FamilyPicker({ counts, filter, onChange }: Props) {
  const t = useTexts(moduleTexts);
  const { byFamily, bySource } = useChoices(counts);
  const data = (choices: readonly Choice[]) =>
    choices.map((choice) => ({ value: filterKey(choice.filter), label: `${choice.label} · ${choice.count}` }));
  return (
    <div className={css.pick}>
      <Select
        aria-label={t('show')}
        allowDeselect={false}
        data={[
          { group: t('families'), items: data(byFamily) },
          { group: t('sources'), items: data(bySource) },
        ]}
        value={filterKey(filter)}
        onChange={(key) => {
          const chosen = [...byFamily, ...bySource].find((choice) => filterKey(choice.filter) === key);
          if (chosen) onChange(chosen.filter);
        }}
      />
    </div>
  );
}
