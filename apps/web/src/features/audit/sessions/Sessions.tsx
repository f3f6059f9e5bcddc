import { Button, TextInput } from '@mantine/core';
import type { Recording } from '@omanager/contract';
import { useDeferredValue, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { Ago, clockOf } from '../../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../../ui/VirtualTable.tsx';
import { terminalTexts } from '../../terminal/texts.ts';
import { userAddress } from '../timeline/timelineRows.ts';
import css from './Sessions.module.css';
import { sessionTexts } from './texts.ts';
import { useSessions } from './useSessions.ts';

/** Terminals that were recorded, newest first; open ones can be looked on at. */
export function Sessions() {
  const t = useTexts(sessionTexts);
  const ends = useTexts(terminalTexts);
  const [, navigate] = useLocation();
  const [host, setHost] = useState('');
  const [user, setUser] = useState('');
  const filter = useDeferredValue(JSON.stringify({ ...(host && { host }), ...(user && { userName: user }) }));
  const params: { host?: string; userName?: string } = JSON.parse(filter);
  const { pages, stream } = useSessions(params);
  const columns: readonly Column<Recording>[] = [
    { key: 'started', title: t('started'), width: '130px', cell: ({ startedAt }) => <Ago at={startedAt} /> },
    {
      key: 'server',
      title: t('server'),
      width: 'minmax(120px, 1fr)',
      cell: (one) => safeText(`${one.login}@${one.host}`),
    },
    {
      key: 'user',
      title: t('user'),
      width: 'minmax(100px, 1fr)',
      cell: ({ userName }) => (
        <Link href={userAddress(userName)} onClick={(click) => click.stopPropagation()}>
          {safeText(userName)}
        </Link>
      ),
    },
    {
      key: 'lasted',
      title: t('lasted'),
      width: '90px',
      cell: (one) => (one.endedAt === null ? '' : clockOf(lastedMs(one))),
    },
    { key: 'commands', title: t('commands'), width: '90px', cell: ({ commands }) => commands, phone: 'labelled' },
    { key: 'size', title: t('size'), width: '90px', cell: ({ bytes }) => sizeText(bytes), phone: 'hidden' },
    {
      key: 'end',
      title: t('end'),
      width: 'minmax(160px, 2fr)',
      cell: (one) => (
        <span className={css.state} data-state={one.state}>
          {one.end === null ? t(one.state) : ends(`end_${one.end}`)}
        </span>
      ),
    },
  ];
  return (
    <>
      <div className={`${layout.bar} ${css.filters}`}>
        <h1>{t('title')}</h1>
        <span className={layout.push} />
        <TextInput
          aria-label={t('filterServer')}
          placeholder={t('filterServer')}
          value={host}
          onChange={(event) => setHost(event.currentTarget.value.trim())}
        />
        <TextInput
          aria-label={t('filterUser')}
          placeholder={t('filterUser')}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value.trim())}
        />
      </div>
      {stream.kind !== 'live' && (
        <p className={css.notice} role="status">
          {stream.kind === 'failed' ? safeText(stream.error.message) : t('stopped')}
          <Button size="compact-sm" onClick={pages.again} loading={pages.fetching}>
            {t('refresh')}
          </Button>
        </p>
      )}
      <VirtualTable
        label={t('title')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        onOpen={({ id }) => navigate(`/audit/sessions/${id}`)}
        empty={<EmptyState title={t('none')}>{t('noneWhy')}</EmptyState>}
      />
    </>
  );
}

const lastedMs = ({ startedAt, endedAt }: Recording): number =>
  endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt);

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
