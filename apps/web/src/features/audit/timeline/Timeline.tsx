import { Button, Drawer } from '@mantine/core';
import {
  type ActionEvent,
  type CommandEvent,
  type Permission,
  type TimelineKind,
  timelineKinds,
} from '@omanager/contract';
import { IconRefresh } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { usePages } from '../../../data/pages.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import chips from '../../../ui/chips.module.css';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { daysAgo, momentOfDay } from '../../../ui/filters/days.ts';
import { ToggleChip } from '../../../ui/filters/FilterChip.tsx';
import { filterTexts } from '../../../ui/filters/texts.ts';
import { safeText } from '../../../ui/safeText.ts';
import { VirtualTable } from '../../../ui/VirtualTable.tsx';
import { CommandDetails } from '../commands/CommandDetails.tsx';
import { commandsAddress } from '../commands/commandQuery.ts';
import { Gap } from '../commands/Gap.tsx';
import { EventDetails } from '../EventDetails.tsx';
import { readQuery, writeQuery } from '../eventQuery.ts';
import css from './Timeline.module.css';
import { timelineTexts } from './texts.ts';
import { useTimelineColumns } from './timelineColumns.tsx';
import { addressOf, idOf, type TimelineRow, withDays } from './timelineRows.ts';

const pageSize = 200;
const needs = {
  ...{ command: 'audit.read', gap: 'audit.read', action: 'audit.read', alert: 'audit.read' },
  ...{ run: 'run.read', session: 'recording.read' },
} as const satisfies Record<TimelineKind, Permission>;

/** All that happened on one server, or that one user did: newest first, by day. */
export function Timeline({ of, name }: { of: 'host' | 'user'; name: string }) {
  const t = useTexts(timelineTexts);
  const tFilter = useTexts(filterTexts);
  const language = useLanguage();
  const { client } = useSession();
  const may = useMay();
  const [, navigate] = useLocation();
  const [kinds, setKinds] = useState<ReadonlySet<TimelineKind>>(new Set());
  const [from, setFrom] = useState<string | null>(null);
  const [open, setOpen] = useState<TimelineRow | null>(null);
  const columns = useTimelineColumns(of);
  const begin = from && momentOfDay(from);
  const params = {
    ...(of === 'host' ? { host: name } : { user: name }),
    ...(kinds.size > 0 && { kinds: timelineKinds.filter((kind) => kinds.has(kind)) }),
    ...(begin && { from: begin }),
    limit: pageSize,
  };
  const pages = usePages('audit.timeline', params, async (page, signal) => {
    const { items, next, searchedTo } = await client.call('audit.timeline', { ...params, ...page }, { signal });
    return { items, next, lookedBackTo: items.length < pageSize ? (searchedTo ?? undefined) : undefined };
  });
  // The server leaves them out by the same rule.
  const withheld = timelineKinds.filter((kind) => !may(needs[kind]));
  const rows = useMemo(() => withDays(pages.items), [pages.items]);
  const isFiltered = kinds.size > 0 || from !== null;
  const toggle = (kind: TimelineKind) => {
    const rest = new Set(kinds);
    if (!rest.delete(kind)) rest.add(kind);
    setKinds(rest);
  };
  const clear = () => {
    setKinds(new Set());
    setFrom(null);
  };
  const show = (row: TimelineRow) => {
    const address = addressOf(row);
    if (address !== null) navigate(address);
    else if (row.kind !== 'day') setOpen(row);
  };
  const date = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'full' });
  return (
    <section className={css.page} aria-label={t(of === 'host' ? 'ofServer' : 'ofUser', { name: safeText(name) })}>
      <fieldset className={chips.chips} aria-label={t('only')}>
        {timelineKinds.map((kind) => (
          <ToggleChip key={kind} on={kinds.has(kind)} onClick={() => toggle(kind)}>
            {t(kind)}
          </ToggleChip>
        ))}
        {(
          [
            ['today', daysAgo(0)],
            ['week', daysAgo(6)],
            ['month', daysAgo(29)],
          ] as const
        ).map(([span, day]) => (
          <ToggleChip key={span} on={from === day} onClick={() => setFrom(from === day ? null : day)}>
            {tFilter(span)}
          </ToggleChip>
        ))}
        {isFiltered && (
          <Button variant="subtle" size="compact-sm" onClick={clear}>
            {t('clear')}
          </Button>
        )}
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconRefresh size={16} stroke={1.5} aria-hidden="true" />}
          onClick={pages.again}
        >
          {t('refresh')}
        </Button>
      </fieldset>
      {withheld.length > 0 && (
        <p className={css.note}>{t('withheld', { kinds: withheld.map((kind) => t(kind)).join(', ') })}</p>
      )}
      <VirtualTable
        label={t('timelineOf', { name: safeText(name) })}
        columns={columns}
        pages={{ ...pages, items: rows }}
        idOf={idOf}
        selected={open && idOf(open)}
        onOpen={show}
        whole={(row) => {
          if (row.kind === 'day') return <h2 className={css.day}>{date.format(new Date(row.at))}</h2>;
          return row.kind === 'gap' ? <Gap event={row.command} /> : null;
        }}
        empty={
          <EmptyState title={t('none')} action={isFiltered && <Button onClick={clear}>{t('clear')}</Button>}>
            {t(isFiltered ? 'noneFiltered' : 'noneWhy')}
          </EmptyState>
        }
      />
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="min(560px, 100vw)"
        title={open && open.kind !== 'day' && t(open.kind)}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {open && <Details row={open} onChanged={pages.again} onClose={() => setOpen(null)} />}
      </Drawer>
    </section>
  );
}

function Details({ row, onChanged, onClose }: { row: TimelineRow; onChanged: () => void; onClose: () => void }) {
  const [, navigate] = useLocation();
  const ofCommand = (event: CommandEvent) => (
    <CommandDetails
      event={event}
      onQuery={(query) => navigate(commandsAddress(query))}
      onErased={() => {
        onClose();
        onChanged();
      }}
    />
  );
  const ofAction = (event: ActionEvent) => (
    <EventDetails
      event={event}
      onOnly={(part) => navigate(`/audit?${writeQuery({ ...readQuery(new URLSearchParams()), ...part })}`)}
    />
  );
  switch (row.kind) {
    case 'command':
    case 'gap':
      return ofCommand(row.command);
    case 'action':
      return ofAction(row.action);
    case 'alert':
    case 'day':
    case 'run':
    case 'session':
      return null;
  }
}
