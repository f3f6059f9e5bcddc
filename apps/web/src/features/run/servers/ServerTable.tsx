import type { HostState } from '@omanager/contract';
import { IconArrowDown } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useKeys } from '../../../app/commands.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { rowHeight } from '../../../ui/rowHeight.ts';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { useSlow } from '../parts/slow.ts';
import { duration } from './duration.ts';
import css from './ServerTable.module.css';
import { type SortKey, sortedHosts } from './serverOrder.ts';
import { serversTexts } from './texts.ts';

const columns = ['state', 'name', 'exit', 'duration'] as const satisfies readonly SortKey[];

/** The servers as rows: the twin of the cells for who cannot see them, and for sorting. */
export function ServerTable({
  store,
  only,
  hrefOf,
}: {
  store: RunStore;
  only: HostState | null;
  hrefOf: (ordinal: number) => string;
}) {
  const t = useTexts(serversTexts);
  const [by, setBy] = useState<SortKey>('state');
  const [, setSteps] = useState(0);
  const version = useSlow(store.version, 500);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that servers changed
  const hosts = useMemo(() => sortedHosts(store.hosts(), by, only), [store, version, by, only]);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: hosts.length,
    getScrollElement: () => scroll.current,
    estimateSize: rowHeight,
    overscan: 20,
  });
  // A row far away is there only after it was scrolled to.
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const link = scroll.current?.querySelector<HTMLElement>(`[aria-rowindex="${wanted.current + 2}"] a`);
    if (link) wanted.current = null;
    link?.focus({ preventScroll: true });
  });
  const go = (to: number) => {
    wanted.current = Math.max(0, Math.min(to, hosts.length - 1));
    rows.scrollToIndex(wanted.current);
    setSteps((count) => count + 1);
  };
  const at = () => Number(document.activeElement?.closest('[aria-rowindex]')?.getAttribute('aria-rowindex') ?? 1) - 2;
  useKeys(
    { down: () => go(at() + 1), up: () => go(at() - 1), top: () => go(0), bottom: () => go(hosts.length - 1) },
    { within: scroll },
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual table has no table layout
    <div className={css.table} role="table" aria-label={t('servers')} aria-rowcount={hosts.length + 1}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: rows are read, their links are used */}
      <div className={css.heads} role="row" aria-rowindex={1}>
        {columns.map((column) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: its button is
          <span key={column} role="columnheader" aria-sort={by === column ? 'ascending' : 'none'}>
            <button type="button" title={t('sortBy', { column: t(column) })} onClick={() => setBy(column)}>
              {t(column)}
              {by === column && <IconArrowDown size={12} stroke={1.5} aria-hidden="true" />}
            </button>
          </span>
        ))}
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: it sorts nothing */}
        <span role="columnheader">{t('said')}</span>
      </div>
      <div ref={scroll} className={css.scroll}>
        <div className={css.all} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, key, start, size }) => {
            const host = hosts[index];
            if (!host) return null;
            return (
              // biome-ignore lint/a11y/useSemanticElements: as above
              // biome-ignore lint/a11y/useFocusableInteractive: its link is
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                className={css.row}
                style={{ height: size, transform: `translateY(${start}px)` }}
              >
                <Cell>
                  <StateLabel state={host.state} />
                </Cell>
                <Cell>
                  <Link href={hrefOf(host.ordinal)}>{safeText(host.name)}</Link>
                </Cell>
                <Cell>{host.exitCode ?? '–'}</Cell>
                <Cell>{host.durationMs === null ? '–' : duration(host.durationMs)}</Cell>
                <Cell>{safeText(host.message ?? host.reason ?? '')}</Cell>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Cell({ children }: { children: React.ReactNode }) {
  // biome-ignore lint/a11y/useSemanticElements: a virtual table has no table layout
  return <span role="cell">{children}</span>;
}
