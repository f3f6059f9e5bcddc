import { useDeferredValue, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer } from '../../data/calls.ts';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { uiTexts } from '../../ui/texts.ts';
import { Detail } from './Detail.tsx';
import { Families, FamilyPicker } from './Families.tsx';
import { countModules, type Filter, filterKey, passes } from './filters.ts';
import { ListHead } from './ListHead.tsx';
import { ModuleList } from './ModuleList.tsx';
import css from './Modules.module.css';
import { isMeant } from './search.ts';
import { moduleTexts } from './texts.ts';

/** Families on the left, modules beside them, the chosen module in full. */
export function Library({ id }: { id: string | null }) {
  const t = useTexts(moduleTexts);
  const ui = useTexts(uiTexts);
  const [, navigate] = useLocation();
  const [filter, setFilter] = useState<Filter>({ kind: 'all' });
  const [typed, setTyped] = useState('');
  const searched = useDeferredValue(typed);
  const { data, error, refetch } = useAnswer('modules.list', { retired: true });
  useTab('/modules', titleOf(moduleTexts, 'library'));

  const modules = data?.items ?? [];
  const counts = useMemo(() => countModules(modules), [modules]);
  const shown = useMemo(
    () => modules.filter((module) => passes(module, filter) && isMeant(module, searched)),
    [modules, filter, searched],
  );
  const choices = { counts, filter, onChange: setFilter };

  return (
    <div className={layout.columns}>
      <Families {...choices} />
      <section className={`${layout.column} ${css.list}`} data-behind={id !== null || undefined} aria-label={t('list')}>
        <ListHead typed={typed} onType={setTyped} />
        <FamilyPicker {...choices} />
        {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {!data && !error && <EmptyState title={ui('loading')} />}
        {data && shown.length === 0 && (
          <EmptyState title={t('noneFound')}>{typed === '' ? undefined : t('noneFoundWhy')}</EmptyState>
        )}
        {shown.length > 0 && (
          <ModuleList
            key={filterKey(filter)}
            modules={shown}
            selected={id}
            onSelect={(module) => navigate(`/modules/${encodeURIComponent(module)}`)}
          />
        )}
        <div className={layout.foot} aria-live="polite">
          {t('count', { count: shown.length })}
        </div>
      </section>
      <section className={`${layout.column} ${layout.grow} ${css.detail}`} data-empty={id === null || undefined}>
        {id === null ? <EmptyState title={t('choose')}>{t('chooseWhy')}</EmptyState> : <Detail key={id} id={id} />}
      </section>
    </div>
  );
}
