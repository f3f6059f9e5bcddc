import { finalRunStates, type HostState, type Run } from '@omanager/contract';
import { useState } from 'react';
import { useSearch as useQueryString } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import layout from '../../../ui/layout.module.css';
import { ServerTable } from '../servers/ServerTable.tsx';
import { HitList } from './HitList.tsx';
import css from './LogPage.module.css';
import { MergedLog } from './MergedLog.tsx';
import { SearchBox } from './SearchBox.tsx';
import { ServerLog } from './ServerLog.tsx';
import { logTexts } from './texts.ts';
import { type SearchQuery, useSearch } from './useSearch.ts';

/** The log of one server, or the way to it: all servers, and a search over what they wrote. */
export function LogPage({
  store,
  run,
  ordinal,
  only,
}: {
  store: RunStore;
  run: Run;
  ordinal: number;
  only: HostState | null;
}) {
  const shown = run.total === 1 ? 0 : ordinal;
  return shown >= 0 ? <ServerLog {...{ store, run, ordinal: shown }} /> : <AllLogs {...{ store, run, only }} />;
}

function AllLogs({ store, run, only }: { store: RunStore; run: Run; only: HostState | null }) {
  const t = useTexts(logTexts);
  const asked = new URLSearchParams(useQueryString()).get('q') ?? '';
  const [query, setQuery] = useState<SearchQuery | null>(
    asked === '' ? null : { pattern: asked, regex: false, ignoreCase: false },
  );
  const search = useSearch(run.id, query);
  const merged = run.follow && !finalRunStates.has(run.state);
  return (
    <section className={css.page}>
      <div className={`${layout.bar} ${css.bar}`}>
        <SearchBox label={t('findAll')} initial={asked} onSearch={setQuery} />
        {!search && !merged && <span className={layout.muted}>{t('chooseServer')}</span>}
      </div>
      {search ? (
        <HitList runId={run.id} search={search} />
      ) : merged ? (
        <MergedLog run={run} />
      ) : (
        <ServerTable {...{ store, only }} hrefOf={(chosen) => `/runs/${run.id}/log/${chosen}`} />
      )}
    </section>
  );
}
