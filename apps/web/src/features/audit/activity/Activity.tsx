import { Button, SegmentedControl, TextInput } from '@mantine/core';
import type { ActivityDay } from '@omanager/contract';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAnswer } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import { FilterChip } from '../../../ui/filters/FilterChip.tsx';
import { commandsAddress } from '../commands/commandQuery.ts';
import { userAddress } from '../timeline/timelineRows.ts';
import css from './Activity.module.css';
import { DayBars } from './DayBars.tsx';
import { Shares } from './Shares.tsx';
import { activityTexts } from './texts.ts';
import { WeekGrid } from './WeekGrid.tsx';

const spans = [7, 30, 92] as const;

/** When, where and by whom commands are typed, and how much of it goes past OManager. */
export default function Activity() {
  const t = useTexts(activityTexts);
  const [search, setSearch] = useSearchParams();
  const days = spans.find((span) => String(span) === search.get('days')) ?? 30;
  const host = search.get('host')?.slice(0, 100) || null;
  const user = host === null ? search.get('user')?.slice(0, 100) || null : null;
  const subject = { ...(host !== null && { host }), ...(user !== null && { user }) };
  const offsetMinutes = -new Date().getTimezoneOffset();
  const { data, error, refetch } = useAnswer('commands.activity', { ...subject, days, offsetMinutes });
  const go = (part: Record<string, string>) =>
    setSearch(new URLSearchParams({ ...(days !== 30 && { days: String(days) }), ...part }));
  const hrefOf = (day: ActivityDay) => commandsAddress({ host, user, from: day.day, to: day.day });
  const empty = data?.days.every(({ inside, outside }) => inside + outside === 0);
  return (
    <section className={css.page} aria-label={t('title')}>
      <div className={css.subject}>
        <h1>{t('title')}</h1>
        <SegmentedControl
          aria-label={t('days')}
          value={String(days)}
          onChange={(value) => go({ ...subject, days: value })}
          data={spans.map((span) => ({ value: String(span), label: t('lastDays', { count: span }) }))}
        />
        {host === null && user === null && (
          <>
            <Find label={t('server')} onFind={(name) => go({ host: name })} />
            <Find label={t('user')} onFind={(name) => go({ user: name })} />
          </>
        )}
        {host !== null && <FilterChip name={t('server')} value={host} onRemove={() => go({})} />}
        {user !== null && <FilterChip name={t('user')} value={user} onRemove={() => go({})} />}
        {host !== null && <Link href={`/servers/host/${encodeURIComponent(host)}`}>{t('openTimeline')}</Link>}
        {user !== null && <Link href={userAddress(user)}>{t('openTimeline')}</Link>}
        {(host ?? user) !== null && <Link href={commandsAddress({ host, user })}>{t('openCommands')}</Link>}
      </div>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && empty && <EmptyState title={t('none')}>{t('noneWhy')}</EmptyState>}
      {data && !empty && (
        <>
          <DayBars days={data.days} hrefOf={hrefOf} />
          <WeekGrid hours={data.hours} />
          <div className={css.both}>
            <Shares
              title={t('servers')}
              shares={data.hosts}
              hrefOf={(name) => `/audit/activity?${new URLSearchParams({ days: String(days), host: name })}`}
            />
            <Shares
              title={t('users')}
              shares={data.users}
              hrefOf={(name) => `/audit/activity?${new URLSearchParams({ days: String(days), user: name })}`}
            />
          </div>
        </>
      )}
    </section>
  );
}

function Find({ label, onFind }: { label: string; onFind: (name: string) => void }) {
  const t = useTexts(activityTexts);
  const [name, setName] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onFind(name.trim());
      }}
    >
      <TextInput
        aria-label={label}
        placeholder={label}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" disabled={name.trim() === ''} aria-label={`${t('show')}: ${label}`}>
        {t('show')}
      </Button>
    </form>
  );
}
