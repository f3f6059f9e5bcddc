import { Button, Drawer } from '@mantine/core';
import { type Permission, type TimelineKind, timelineKinds } from '@omanager/contract';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { usePages } from '../../../data/pages.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { momentOfDay } from '../../../ui/filters/days.ts';
import { safeText } from '../../../ui/safeText.ts';
import { VirtualTable } from '../../../ui/VirtualTable.tsx';
import { Gap } from '../commands/Gap.tsx';
import { Chips } from './Chips.tsx';
import { Details } from './Details.tsx';
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
      <Chips
        {...{ kinds, from, isFiltered }}
        onKind={toggle}
        onFrom={setFrom}
        onClear={clear}
        onRefresh={pages.again}
      />
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
