import { Button, SegmentedControl, VisuallyHidden } from '@mantine/core';
import { finalRunStates, type HostState, type Run } from '@omanager/contract';
import { IconLayoutDashboard, IconLayoutGrid, IconTable } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useMay } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import layout from '../../../ui/layout.module.css';
import { uiTexts } from '../../../ui/texts.ts';
import { notOkStates } from '../header/steering.ts';
import { useCopy } from '../parts/Copied.tsx';
import { CellGrid } from './CellGrid.tsx';
import { largeCellsUpTo } from './cellLayout.ts';
import { RateChart } from './RateChart.tsx';
import css from './ServersPane.module.css';
import { ServerTable } from './ServerTable.tsx';
import { StillRunning } from './StillRunning.tsx';
import { TileGrid } from './TileGrid.tsx';
import { serversTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

type View = 'tiles' | 'cells' | 'table';

/** The servers of a run, as cells or as a table, with what is still to come. */
export function ServersPane({
  store,
  run,
  live,
  only,
  onOnly,
  onRetry,
}: {
  store: RunStore;
  run: Run;
  live: boolean;
  only: HostState | null;
  onOnly: (state: HostState | null) => void;
  onRetry: (hosts: readonly number[]) => void;
}) {
  const t = useTexts(serversTexts);
  const tUi = useTexts(uiTexts);
  const [, navigate] = useLocation();
  const [chosen, setView] = useState<View | null>(null);
  const many = run.total > largeCellsUpTo;
  const view = chosen ?? (many ? 'tiles' : 'cells');
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const hrefOf = (ordinal: number) => `/runs/${run.id}/log/${ordinal}`;
  const may = useMay()('run.control');
  const retriable =
    may &&
    live &&
    finalRunStates.has(run.state) &&
    [...selected].some((ordinal) => notOkStates.includes(store.host(ordinal)?.state ?? 'ok'));
  const copy = useCopy();
  const copyHosts = () => copy.names([...selected].flatMap((ordinal) => store.host(ordinal)?.name ?? []));
  useKeys({ copyHosts }, { enabled: selected.size > 0 });

  const cells = {
    ...{ store, only, selected },
    onSelect: (ordinal: number) => setSelected((was) => toggled(was, ordinal)),
    onOpen: (ordinal: number) => navigate(hrefOf(ordinal)),
  };

  return (
    <section className={css.pane} aria-label={t('servers')}>
      <div className={`${layout.bar} ${css.bar}`}>
        {selected.size === 0 ? (
          <>
            <h2>{t('servers')}</h2>
            <span className={layout.muted}>
              {store.known < run.total
                ? t('heardOf', { known: store.known, total: run.total })
                : view === 'cells' && t('byName')}
            </span>
          </>
        ) : (
          <>
            <span>{t('selected', { count: selected.size })}</span>
            <Button size="xs" disabled={!retriable} onClick={() => onRetry([...selected])}>
              {t('retrySelected')}
            </Button>
            <Button size="xs" title={withKey(t('copyRange'), 'copyHosts')} onClick={copyHosts}>
              {t('copyRange')}
            </Button>
            <Button size="xs" variant="subtle" onClick={() => setSelected(new Set())}>
              {t('unselect')}
            </Button>
          </>
        )}
        <SegmentedControl
          className={layout.push ?? ''}
          aria-label={t('view')}
          value={view}
          onChange={(value) => setView(value === 'table' || value === 'tiles' ? value : 'cells')}
          data={[
            ...(many
              ? [{ value: 'tiles', label: <Labelled icon={<IconLayoutDashboard {...icon} />} words={t('groups')} /> }]
              : []),
            { value: 'cells', label: <Labelled icon={<IconLayoutGrid {...icon} />} words={t('cells')} /> },
            { value: 'table', label: <Labelled icon={<IconTable {...icon} />} words={t('table')} /> },
          ]}
        />
      </div>
      {view === 'table' ? (
        only !== null && run.counts[only] === 0 ? (
          <EmptyState title={t('none')} action={<Button onClick={() => onOnly(null)}>{t('clear')}</Button>}>
            {t('noneWhy', { state: tUi(only) })}
          </EmptyState>
        ) : (
          <ServerTable {...{ store, only, hrefOf }} />
        )
      ) : view === 'tiles' ? (
        <TileGrid {...cells} />
      ) : (
        <CellGrid {...cells} />
      )}
      <StillRunning
        {...{ store, live, hrefOf }}
        onAll={() => {
          onOnly('running');
          setView('table');
        }}
      />
      <RateChart {...{ store, run }} />
    </section>
  );
}

function Labelled({ icon, words }: { icon: React.ReactNode; words: string }) {
  return (
    <span className={css.choice} title={words}>
      {icon}
      <VisuallyHidden>{words}</VisuallyHidden>
    </span>
  );
}

function toggled(set: ReadonlySet<number>, item: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}
