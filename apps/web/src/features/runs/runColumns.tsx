import { Button } from '@mantine/core';
import { isProduction, type Run, type Title } from '@omanager/contract';
import { Link } from 'wouter';
import type { useTexts } from '../../i18n/useTexts.ts';
import { EnvironmentChip } from '../../ui/EnvironmentChip.tsx';
import layout from '../../ui/layout.module.css';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import type { Column } from '../../ui/VirtualTable.tsx';
import { Done, Duration, ModuleCell } from './Cells.tsx';
import css from './Runs.module.css';
import type { runsTexts } from './texts.ts';

interface Means {
  t: ReturnType<typeof useTexts<typeof runsTexts.en>>;
  title: (title: Title) => string;
  mayRetry: (run: Run) => boolean;
}

/** What is said of each run in the list. */
export const runColumns = ({ t, title, mayRetry }: Means): readonly Column<Run>[] => [
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
    width: 'minmax(156px, 3fr)',
    cell: (run) => <ModuleCell run={run} title={title(run.module.title)} />,
  },
  { key: 'done', title: t('done'), width: 'minmax(170px, 2fr)', cell: (run) => <Done run={run} /> },
  { key: 'environment', title: t('environment'), width: '132px', cell: (run) => <Environments run={run} /> },
  {
    key: 'servers',
    title: t('servers'),
    phone: 'hidden',
    width: 'minmax(80px, 1fr)',
    cell: (run) => (
      <span className={`${layout.mono} ${layout.muted}`} title={safeText(run.selector)}>
        {safeText(run.selector.slice(0, 200))}
      </span>
    ),
  },
  { key: 'who', title: t('who'), width: '96px', cell: (run) => safeText(run.startedBy) },
  { key: 'when', title: t('when'), width: '80px', cell: (run) => <Ago at={run.createdAt} /> },
  { key: 'duration', title: t('duration'), phone: 'hidden', width: '60px', cell: (run) => <Duration run={run} /> },
  {
    key: 'retry',
    title: '',
    width: '92px',
    cell: (run) => {
      const count = run.total - run.counts.ok - run.counts.skipped;
      if (count <= 0 || !mayRetry(run)) return null;
      return (
        <Button
          size="compact-sm"
          component={Link}
          href={`/runs/${run.id}?retry=1`}
          title={t('retryTitle', { count })}
          onClick={(event: React.MouseEvent) => event.stopPropagation()}
        >
          {t('retry', { count: count.toLocaleString() })}
        </Button>
      );
    },
  },
];

/** Production first; of many, the names are in the title. */
function Environments({ run }: { run: Run }) {
  const names = Object.keys(run.environments).sort((a, b) => Number(isProduction(b)) - Number(isProduction(a)));
  return (
    <span
      className={css.environments}
      title={names.map((name) => `${safeText(name)} ${run.environments[name]}`).join(', ')}
    >
      {names.slice(0, 2).map((name) => (
        <EnvironmentChip key={name} environment={name} />
      ))}
      {names.length > 2 && <span className={layout.muted}>+{names.length - 2}</span>}
    </span>
  );
}
