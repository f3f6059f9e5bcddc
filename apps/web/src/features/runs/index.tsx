import { Button } from '@mantine/core';
import { finalRunStates, type Run } from '@omanager/contract';
import { IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer } from '../../data/calls.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { titleOf, useTexts, useTitle } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { VirtualTable } from '../../ui/VirtualTable.tsx';
import { DayChart } from './DayChart.tsx';
import { RunFilters } from './RunFilters.tsx';
import css from './Runs.module.css';
import { runColumns } from './runColumns.tsx';
import { type Filter, filterOf, useRunQuery } from './runQuery.ts';
import { runsTexts } from './texts.ts';
import { useRunList } from './useRunList.ts';

/** All runs, newest first, of a filter that stands in the address. */
export default function Page() {
  const t = useTexts(runsTexts);
  const may = useMay();
  const { who } = useSession();
  const { query, text, change, choose } = useRunQuery();
  useTab('/runs', titleOf(runsTexts, 'title'));
  const host = useAnswer('hosts.get', { name: query.host ?? '' }, { enabled: query.host !== null });
  const hostId = query.host === null ? '' : host.data?.name === query.host ? host.data.id : null;
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
        {start}
      </div>
      <RunFilters {...{ query, text }} onChange={change} onChoose={choose} />
      {hostId === null ? (
        host.error && <ErrorNote error={host.error} />
      ) : (
        <>
          <DayChart
            filter={filterOf(query, who.userName, { hostId, period: false })}
            chosen={query.from === query.to ? query.from : null}
            onChoose={(day) => change({ from: day, to: day })}
          />
          <RunTable
            key={text}
            filter={filterOf(query, who.userName, { hostId })}
            empty={
              text === '' ? (
                <EmptyState title={t('none')} action={start}>
                  {t('noneWhy')}
                </EmptyState>
              ) : (
                <EmptyState title={t('noMatch')} action={<Button onClick={() => choose('')}>{t('showAll')}</Button>} />
              )
            }
          />
        </>
      )}
    </div>
  );
}

/** The runs of one filter: another filter is another table. */
function RunTable({ filter, empty }: { filter: Filter; empty: React.ReactNode }) {
  const t = useTexts(runsTexts);
  const title = useTitle();
  const may = useMay();
  const [, navigate] = useLocation();
  const [scrolled, setScrolled] = useState(false);
  const { pages, waiting, letIn } = useRunList(filter, scrolled);
  const mayRetry = (run: Run) => may('run.control') && finalRunStates.has(run.state);
  return (
    <div className={css.list}>
      <VirtualTable
        label={t('title')}
        columns={runColumns({ t, title, mayRetry })}
        pages={pages}
        idOf={(run) => run.id}
        onOpen={(run) => navigate(`/runs/${run.id}`)}
        onScrolled={(now) => {
          setScrolled(now);
          if (!now) letIn();
        }}
        empty={empty}
      />
      {waiting > 0 && (
        <Button
          className={css.fresh ?? ''}
          variant="filled"
          leftSection={<IconArrowUp size={16} stroke={1.5} aria-hidden="true" />}
          onClick={({ currentTarget }) => {
            letIn();
            currentTarget.parentElement?.firstElementChild?.scrollTo({ top: 0 });
          }}
        >
          {t('fresh', { count: waiting })}
        </Button>
      )}
    </div>
  );
}
