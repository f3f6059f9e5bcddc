import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { Link } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { withoutAnsi } from '../ansi/ansi.ts';
import css from './LogPage.module.css';
import { logTexts } from './texts.ts';
import type { Search } from './useSearch.ts';

const rowHeight = 22;

/** Lines in which something was found, each a link to its place in its log, with exact totals. */
export function HitList({ runId, search }: { runId: string; search: Search }) {
  const t = useTexts(logTexts);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: search.hits.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  if (search.stream.kind === 'failed') return <ErrorNote error={search.stream.error} />;
  return (
    <>
      <p className={css.totals} role="status">
        {t('found', search.found)}
        {search.state === 'searching' && ` · ${t('searching', { lines: search.searched.lines })}`}
        {search.state === 'deadline' && ` · ${t('deadline')}`}
      </p>
      {search.state === 'complete' && search.hits.length === 0 && <EmptyState title={t('noHits')} />}
      <div ref={scroll} className={css.hits}>
        <div style={{ height: rows.getTotalSize() }} className={css.all}>
          {rows.getVirtualItems().map(({ index, key, start }) => {
            const hit = search.hits[index];
            if (!hit) return null;
            return (
              <Link
                key={key}
                className={css.hit}
                style={{ transform: `translateY(${start}px)` }}
                href={`/runs/${runId}/log/${hit.ordinal}#L${hit.lineOfBoth}`}
                aria-label={t('hitAt', { name: safeText(hit.name), line: hit.lineOfBoth })}
              >
                <b>{safeText(hit.name)}</b>
                <i>{hit.lineOfBoth}</i>
                <span>{safeText(withoutAnsi(hit.text))}</span>
              </Link>
            );
          })}
        </div>
      </div>
    </>
  );
}
