import { Button, Drawer } from '@mantine/core';
import type { ActionEvent } from '@omanager/contract';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { fullTime } from '../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';
import css from './Audit.module.css';
import { useActorName } from './actorName.ts';
import { EventDetails } from './EventDetails.tsx';
import { ExportMenu } from './ExportMenu.tsx';
import { type EventQuery, filterOf } from './eventQuery.ts';
import { momentOf } from './moment.ts';
import { Outcome } from './Outcome.tsx';
import { mostLive, runOf } from './tail.ts';
import { auditTexts } from './texts.ts';
import { userAddress } from './timeline/timelineRows.ts';
import { useEvents } from './useEvents.ts';

/** The events of one filter: another filter is another table. */
export function EventTable({
  query,
  isFiltered,
  onChange,
  onClear,
}: {
  query: EventQuery;
  isFiltered: boolean;
  onChange: (part: Partial<EventQuery>) => void;
  onClear: () => void;
}) {
  const t = useTexts(auditTexts);
  const nameOf = useActorName();
  const language = useLanguage();
  const filter = useMemo(() => filterOf(query), [query]);
  const { pages, tail, stream, pause, resume } = useEvents(filter);
  const [open, setOpen] = useState<ActionEvent | null>(null);
  const columns: readonly Column<ActionEvent>[] = [
    {
      key: 'time',
      title: t('time'),
      width: '150px',
      cell: ({ at }) => (
        <time className={layout.mono} dateTime={at} title={fullTime(at, language)}>
          {momentOf(at)}
        </time>
      ),
    },
    {
      key: 'actor',
      title: t('actor'),
      width: 'minmax(200px, 1fr)',
      cell: ({ actorName, actorKind }) => (
        <>
          {actorKind === 'user' || actorKind === 'token' ? (
            <Link href={userAddress(actorName)} onClick={(click) => click.stopPropagation()}>
              {safeText(actorName)}
            </Link>
          ) : (
            nameOf({ actorKind, actorName })
          )}
          {actorKind !== 'user' && (
            <span className={css.kind}>{t(actorKind === 'device' ? 'device_' : actorKind)}</span>
          )}
        </>
      ),
    },
    {
      key: 'action',
      title: t('action'),
      width: 'minmax(150px, 1fr)',
      cell: ({ action }) => <span className={layout.mono}>{safeText(action)}</span>,
    },
    {
      key: 'object',
      title: t('object'),
      width: 'minmax(200px, 2fr)',
      cell: (event) => <ObjectCell event={event} />,
    },
    { key: 'outcome', title: t('outcome'), width: '100px', cell: ({ outcome }) => <Outcome outcome={outcome} /> },
    {
      key: 'code',
      title: t('code'),
      width: '150px',
      cell: ({ code }) => code !== null && <span className={layout.mono}>{safeText(code)}</span>,
    },
  ];
  const waiting = tail.waiting.length;
  return (
    <>
      <div className={`${layout.bar} ${css.liveBar}`}>
        <h1>{t('actions')}</h1>
        <span className={layout.push} />
        <ExportMenu filter={filter} />
        {query.to !== null ? null : tail.paused ? (
          <>
            <span className={css.paused} role="status">
              <IconPlayerPause size={16} stroke={1.5} aria-hidden="true" />
              {t(waiting < mostLive ? 'paused' : 'pausedMany', { count: waiting })}
            </span>
            <Button leftSection={<IconPlayerPlay size={16} stroke={1.5} aria-hidden="true" />} onClick={resume}>
              {t('resume')}
            </Button>
          </>
        ) : stream.kind === 'live' ? (
          <>
            <span className={css.live}>
              <i aria-hidden="true" />
              {t('live')}
            </span>
            <Button leftSection={<IconPlayerPause size={16} stroke={1.5} aria-hidden="true" />} onClick={pause}>
              {t('pause')}
            </Button>
          </>
        ) : (
          <>
            <span className={css.paused} role="status">
              {stream.kind === 'failed' ? safeText(stream.error.message) : t('over')}
            </span>
            <Button onClick={pages.again}>{t('refresh')}</Button>
          </>
        )}
      </div>
      <VirtualTable
        label={t('actions')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        selected={open?.id ?? null}
        onOpen={setOpen}
        empty={
          <EmptyState title={t('none')} action={isFiltered && <Button onClick={onClear}>{t('clear')}</Button>}>
            {t('noneWhy')}
          </EmptyState>
        }
      />
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="min(560px, 100vw)"
        title={<span className={layout.mono}>{safeText(open?.action ?? '')}</span>}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {open && <EventDetails event={open} onOnly={onChange} />}
      </Drawer>
    </>
  );
}

function ObjectCell({ event }: { event: ActionEvent }) {
  const t = useTexts(auditTexts);
  const run = runOf(event);
  if (run === null) return <span className={layout.mono}>{safeText(event.object ?? '')}</span>;
  return (
    <Link href={`/runs/${run}`} onClick={(click) => click.stopPropagation()}>
      {t('run')} <span className={layout.mono}>{run}</span>
    </Link>
  );
}
