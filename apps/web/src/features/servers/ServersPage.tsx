import { Button, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type HostSort, OmError } from '@omanager/contract';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer, useRefresh } from '../../data/calls.ts';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
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
import { useNames, useTotal } from './tablePages.ts';
import { serverTexts } from './texts.ts';
import { afterChange } from './useGroups.ts';
import { readQuery, selectorOf, tableParams, useView } from './view.ts';

export function ServersPage() {
  const t = useTexts(serverTexts);
  useTab('/servers', titleOf(serverTexts, 'title'));
  const [, navigate] = useLocation();
  const refresh = useRefresh();
  const phone = useMediaQuery('(max-width: 639px)') ?? false;
  const narrow = useMediaQuery('(max-width: 959px)') ?? false;
  const [view, setView] = useView();
  const [selection, setSelection] = useState<Selection>(nothing);
  const [problem, setProblem] = useState<OmError | null>(null);
  const [sideOpen, setSideOpen] = useState(false);
  const [adding, setAdding] = useState(false);
  /** The row of the server in the drawer. */
  const [row, setRow] = useState<number | null>(null);
  const query = readQuery(view.query);
  const selector = selectorOf(view, query.selector ?? '*');
  const params = tableParams(view, selector);
  const total = useTotal(params);
  const names = useNames(params);
  const summary = useAnswer('hosts.summary', { selector });

  const change = (next: Parameters<typeof setView>[0]) => {
    setSelection(nothing);
    setProblem(null);
    setView(next);
  };
  const fail = (error: unknown) =>
    setProblem(error instanceof OmError ? error : new OmError('INTERNAL', String(error)));

  async function range(from: number, to: number): Promise<void> {
    setSelection(extend(selection, await names(from, to)));
  }
  async function all(): Promise<void> {
    if (total === null || total === 0) return;
    if (view.only === null) setSelection({ kind: 'matching', selector, total });
    else setSelection(extend(nothing, await names(0, total - 1)));
  }
  const open = (host: string | null, at: number | null = null) => {
    setRow(at);
    setView({ host });
  };
  async function step(by: 1 | -1): Promise<void> {
    const next = row === null ? -1 : row + by;
    if (next < 0 || next >= (total ?? 0)) return;
    const [name] = await names(next, next);
    if (name !== undefined) open(name, next);
  }

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
  const list = { params, selection, onSelection: setSelection, opened: view.host, onOpen: open };
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
          {...{ view, selection, selector, total, summary: summary.data, problem }}
          onClear={() => setSelection(nothing)}
          onAll={() => void all().catch(fail)}
          onRun={(targets) => navigate(composeFor(targets))}
          onProblem={setProblem}
          onAdd={() => setAdding(true)}
          onRefresh={() => void refresh(...afterChange)}
          onGroupGone={() => change({ group: null })}
        />
        {total === 0 ? (
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
        <HostPanel
          key={view.host}
          name={view.host}
          onClose={() => open(null)}
          drawer
          {...(row === null ? {} : { onStep: (by: 1 | -1) => void step(by).catch(fail) })}
        />
      )}
      <Drawer opened={sideOpen} onClose={() => setSideOpen(false)} position="left" size="320px" title={t('filters')}>
        {side}
      </Drawer>
      {adding && <ServerForm host={null} onClose={() => setAdding(false)} onSaved={open} />}
    </div>
  );
}
