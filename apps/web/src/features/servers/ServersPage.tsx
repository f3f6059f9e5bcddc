import { Button, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type HostSort, OmError } from '@omanager/contract';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer, useRefresh } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import layout from '../../ui/layout.module.css';
import { composeFor } from './addresses.ts';
import { FilterBar } from './FilterBar.tsx';
import { onlyText } from './filterTexts.ts';
import { HostPanel } from './HostPanel.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { ServerCards } from './ServerCards.tsx';
import { ServerForm } from './ServerForm.tsx';
import css from './ServersPage.module.css';
import { ServerTable } from './ServerTable.tsx';
import { Side } from './Side.tsx';
import { extend, nothing, type Selection } from './selection.ts';
import { serverTexts } from './texts.ts';
import { afterChange } from './useGroups.ts';
import { useServerRows } from './useServerRows.ts';
import { readQuery, selectorOf, tableParams, useView } from './view.ts';

const cardHeight = 76;
const rowHeight = 24;

export function ServersPage() {
  const t = useTexts(serverTexts);
  useTab('/servers', t('title'));
  const [, navigate] = useLocation();
  const refresh = useRefresh();
  const phone = useMediaQuery('(max-width: 639px)') ?? false;
  const narrow = useMediaQuery('(max-width: 959px)') ?? false;
  const [view, setView] = useView();
  const [selection, setSelection] = useState<Selection>(nothing);
  const [problem, setProblem] = useState<OmError | null>(null);
  const [sideOpen, setSideOpen] = useState(false);
  const [adding, setAdding] = useState(false);
  const query = readQuery(view.query);
  const selector = selectorOf(view, query.selector ?? '*');
  const params = tableParams(view, selector);
  const rows = useServerRows(params, phone ? cardHeight : rowHeight);
  const summary = useAnswer('hosts.summary', { selector });

  const change = (next: Parameters<typeof setView>[0]) => {
    setSelection(nothing);
    setProblem(null);
    setView(next);
  };
  const fail = (error: unknown) =>
    setProblem(error instanceof OmError ? error : new OmError('INTERNAL', String(error)));

  async function range(from: number, to: number): Promise<void> {
    setSelection(extend(selection, await rows.namesBetween(from, to)));
  }
  async function all(): Promise<void> {
    const total = rows.total ?? 0;
    if (total === 0) return;
    if (view.only === null) setSelection({ kind: 'matching', selector, total });
    else setSelection(extend(nothing, await rows.namesBetween(0, total - 1)));
  }
  const open = (host: string | null) => setView({ host });
  const step = (by: 1 | -1) => {
    const at = rows.items.find(({ index }) => rows.rowAt(index)?.name === view.host)?.index;
    const next = at === undefined ? undefined : rows.rowAt(at + by);
    if (next) open(next.name);
  };

  const filtered = selector !== '*' || view.only !== null;
  const side = (
    <Side
      view={view}
      onPick={(next) => {
        change({ only: null, ...next });
        setSideOpen(false);
      }}
    />
  );
  const list = { rows, selection, onSelection: setSelection, opened: view.host, onOpen: open };
  return (
    <div className={layout.columns}>
      {!narrow && <aside className={`${layout.column} ${css.side}`}>{side}</aside>}
      <section className={`${layout.column} ${layout.grow}`}>
        <FilterBar
          {...{ view, query, summary: summary.data }}
          onChange={change}
          onSide={narrow ? () => setSideOpen(true) : null}
        />
        <SelectionBar
          {...{ view, selection, selector, total: rows.total, summary: summary.data, problem }}
          onClear={() => setSelection(nothing)}
          onAll={() => void all().catch(fail)}
          onRun={(targets) => navigate(composeFor(targets))}
          onProblem={setProblem}
          onAdd={() => setAdding(true)}
          onRefresh={() => void refresh(...afterChange)}
          onGroupGone={() => change({ group: null })}
        />
        {rows.total === 0 && !rows.error ? (
          filtered ? (
            <EmptyState
              title={t('noMatch')}
              action={
                <Button onClick={() => change({ environment: null, group: null, zone: null, query: '', only: null })}>
                  {t('clearAll')}
                </Button>
              }
            >
              {t('noMatchWhy', { filter: [selector, view.only === null ? '' : t(onlyText[view.only])].join(' ') })}
            </EmptyState>
          ) : (
            <EmptyState
              title={t('noServers')}
              action={
                <span className={css.two}>
                  <Button onClick={() => setAdding(true)}>{t('addServer')}</Button>
                  <Button component={Link} href="/servers/import">
                    {t('import')}
                  </Button>
                </span>
              }
            >
              {t('noServersWhy')}
            </EmptyState>
          )
        ) : phone ? (
          <ServerCards {...list} />
        ) : (
          <ServerTable
            {...list}
            sort={view.sort}
            descending={view.descending}
            onSort={(sort: HostSort) =>
              change({
                sort,
                descending: sort === view.sort ? !view.descending : sort === 'contact' || sort === 'last_run',
              })
            }
            onAll={() => void all().catch(fail)}
            onRange={(from, to) => void range(from, to).catch(fail)}
          />
        )}
      </section>
      {view.host !== null && (
        <HostPanel key={view.host} name={view.host} onClose={() => open(null)} onStep={step} drawer />
      )}
      <Drawer opened={sideOpen} onClose={() => setSideOpen(false)} position="left" size="320px" title={t('filters')}>
        {side}
      </Drawer>
      {adding && <ServerForm host={null} onClose={() => setAdding(false)} onSaved={open} />}
    </div>
  );
}
