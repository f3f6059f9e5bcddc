import { Button } from '@mantine/core';
import { type Run, type RunState, runStates } from '@omanager/contract';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useStream } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import chips from '../../ui/chips.module.css';
import { EmptyState } from '../../ui/EmptyState.tsx';
import layout from '../../ui/layout.module.css';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';
import { Done, Duration, ModuleCell } from './Cells.tsx';
import css from './Runs.module.css';
import { runsTexts } from './texts.ts';
import { useRuns } from './useRuns.ts';

/** All runs, newest first. */
export default function Page() {
  const t = useTexts(runsTexts);
  const title = useTitle();
  const may = useMay();
  const [, navigate] = useLocation();
  const [state, setState] = useState<RunState | null>(null);
  const { pages, followed, tell } = useRuns(state);
  useTab('/runs', t('title'));
  const columns: readonly Column<Run>[] = [
    { key: 'state', title: t('state'), width: '136px', cell: (run) => <StateLabel state={run.state} /> },
    {
      key: 'number',
      title: t('number'),
      width: '64px',
      cell: (run) => (
        <Link className={css.number} href={`/runs/${run.id}`} onClick={(event) => event.stopPropagation()}>
          #{run.number}
        </Link>
      ),
    },
    {
      key: 'module',
      title: t('module'),
      width: 'minmax(180px, 3fr)',
      cell: (run) => <ModuleCell run={run} title={title(run.module.title)} />,
    },
    { key: 'done', title: t('done'), width: 'minmax(180px, 2fr)', cell: (run) => <Done run={run} /> },
    {
      key: 'servers',
      title: t('servers'),
      phone: 'hidden',
      width: 'minmax(90px, 1fr)',
      cell: (run) => (
        <span className={`${layout.mono} ${layout.muted}`} title={safeText(run.selector)}>
          {safeText(run.selector.slice(0, 200))}
        </span>
      ),
    },
    { key: 'who', title: t('who'), width: '110px', cell: (run) => safeText(run.startedBy) },
    { key: 'when', title: t('when'), width: '88px', cell: (run) => <Ago at={run.createdAt} /> },
    { key: 'duration', title: t('duration'), width: '72px', cell: (run) => <Duration run={run} /> },
  ];
  const start = may('run.start') && (
    <Button variant="filled" component={Link} href="/run">
      {t('newRun')}
    </Button>
  );
  return (
    <div className={`${layout.column} ${layout.grow}`}>
      <div className={layout.bar}>
        <h1>{t('title')}</h1>
        <span className={layout.push} />
        <Button loading={pages.fetching && !pages.loading} onClick={pages.again}>
          {t('refresh')}
        </Button>
        {start}
      </div>
      <fieldset className={chips.chips} aria-label={t('filter')}>
        <Chip pressed={state === null} onClick={() => setState(null)}>
          {t('all')}
        </Chip>
        {runStates.map((one) => (
          <Chip key={one} pressed={state === one} onClick={() => setState(state === one ? null : one)}>
            <StateLabel state={one} />
          </Chip>
        ))}
      </fieldset>
      <VirtualTable
        key={state}
        label={t('title')}
        columns={columns}
        pages={pages}
        idOf={(run) => run.id}
        onOpen={(run) => navigate(`/runs/${run.id}`)}
        empty={
          state === null ? (
            <EmptyState title={t('none')} action={start}>
              {t('noneWhy')}
            </EmptyState>
          ) : (
            <EmptyState title={t('noMatch')} action={<Button onClick={() => setState(null)}>{t('showAll')}</Button>} />
          )
        }
      />
      {followed.map((id) => (
        <Follow key={id} id={id} tell={tell} />
      ))}
    </div>
  );
}

function Chip({ pressed, onClick, children }: { pressed: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button type="button" className={chips.chip} aria-pressed={pressed} onClick={onClick}>
      {children}
    </button>
  );
}

/** Watches one run that is not over; shows nothing itself. */
function Follow({ id, tell }: { id: string; tell: (run: Run) => void }) {
  useStream('runs.watch', { runId: id, hosts: false }, ({ run }) => tell(run));
  return null;
}
