import { Button } from '@mantine/core';
import type { HostHistory } from '@omanager/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { asOmError } from '../../data/calls.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago, clockOf } from '../../ui/Time.tsx';
import css from './HostRuns.module.css';
import { serverTexts } from './texts.ts';

/** What ran on one server, with its own state in each run; `first` at once, more when asked. */
export function HostRuns({ hostId, first }: { hostId: string; first: number }) {
  const t = useTexts(serverTexts);
  const { client } = useSession();
  const may = useMay();
  const runs = useInfiniteQuery({
    queryKey: ['hosts.runs', { hostId, limit: first }],
    enabled: may('run.read'),
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) =>
      client.call(
        'hosts.runs',
        { hostId, limit: first, ...(pageParam === '' ? {} : { cursor: pageParam }) },
        { signal },
      ),
    getNextPageParam: (page) => page.next,
  });
  const error = runs.error === null ? null : asOmError(runs.error);
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={css.section}>
      <h3 className={css.caption}>{t('whatRan')}</h3>
      {error && <ErrorNote error={error} onRetry={() => void runs.refetch()} />}
      {runs.data && items.length === 0 && <EmptyState title={t('nothingRan')}>{t('nothingRanWhy')}</EmptyState>}
      <ul>
        {items.map((item) => (
          <HistoryLine key={item.run.id} item={item} />
        ))}
      </ul>
      {runs.hasNextPage && (
        <Button size="xs" variant="subtle" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          {t('moreRuns')}
        </Button>
      )}
    </div>
  );
}

function HistoryLine({ item: { run, host, firstError } }: { item: HostHistory }) {
  const t = useTexts(serverTexts);
  const title = useTitle();
  const details = [
    host.exitCode === null ? '' : t('exit', { code: host.exitCode }),
    host.attempt > 1 ? t('attempt', { count: host.attempt }) : '',
    host.durationMs === null ? '' : clockOf(host.durationMs),
  ].filter((text) => text !== '');
  return (
    <li className={css.run}>
      <div className={css.line}>
        <span className={css.state}>
          <StateLabel state={host.state} />
        </span>
        <Link className={css.number} href={`/runs/${run.id}?host=${encodeURIComponent(host.name)}`}>
          #{run.number}
        </Link>
        <span className={layout.cut} title={details.join(' · ')}>
          {safeText(title(run.module.title))}
        </span>
        <span className={css.by}>{safeText(run.startedBy)}</span>
        <span className={css.when}>
          <Ago at={run.createdAt} />
        </span>
      </div>
      {firstError !== null && <p className={css.error}>{safeText(firstError)}</p>}
    </li>
  );
}
