import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import css from './LogPage.module.css';
import { SearchBox } from './SearchBox.tsx';
import { logTexts } from './texts.ts';
import { type SearchQuery, useSearch } from './useSearch.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;
const none: ReadonlySet<number> = new Set();

/** Finds in one server's whole output, searched where it is stored; the browser's own search sees only what is in sight. */
export function FindInLog({
  runId,
  ordinal,
  disabled,
  onHits,
  onShow,
}: {
  runId: string;
  ordinal: number;
  /** Of an earlier attempt or one stream the line numbers would be others. */
  disabled: boolean;
  onHits: (lines: ReadonlySet<number>) => void;
  onShow: (line: number) => void;
}) {
  const t = useTexts(logTexts);
  const [query, setQuery] = useState<SearchQuery | null>(null);
  const [at, setAt] = useState(0);
  const search = useSearch(runId, disabled ? null : query, [ordinal]);
  const hits = search?.hits;

  // The first hit is shown as soon as it is found.
  const firstLine = hits?.[0]?.lineOfBoth;
  useEffect(() => {
    setAt(0);
    if (firstLine !== undefined) onShow(firstLine);
  }, [firstLine, onShow]);
  useEffect(() => onHits(hits ? new Set(hits.map(({ lineOfBoth }) => lineOfBoth)) : none), [hits, onHits]);

  const field = useRef<HTMLInputElement>(null);
  const go = (by: number) => {
    if (!hits || hits.length === 0) return false;
    const next = (at + by + hits.length) % hits.length;
    setAt(next);
    const line = hits[next]?.lineOfBoth;
    if (line !== undefined) onShow(line);
    return true;
  };
  useKeys({ find: () => field.current?.focus() });
  useKeys({ findNext: () => go(1), findPrevious: () => go(-1) }, { enabled: search !== null });
  return (
    <SearchBox label={t('findIn')} field={field} onSearch={setQuery}>
      {search && (
        <>
          <span className={css.count} role="status">
            {search.stream.kind === 'failed'
              ? safeText(search.stream.error.message)
              : search.found.hits === 0 && search.state !== 'searching'
                ? t('noHits')
                : t('foundIn', { at: search.found.hits === 0 ? 0 : at + 1, hits: search.found.hits })}
          </span>
          <ActionIcon
            size={24}
            aria-label={t('previousHit')}
            title={withKey(t('previousHit'), 'findPrevious')}
            onClick={() => go(-1)}
          >
            <IconChevronUp {...icon} />
          </ActionIcon>
          <ActionIcon
            size={24}
            aria-label={t('nextHit')}
            title={withKey(t('nextHit'), 'findNext')}
            onClick={() => go(1)}
          >
            <IconChevronDown {...icon} />
          </ActionIcon>
        </>
      )}
    </SearchBox>
  );
}
