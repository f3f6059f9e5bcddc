import { finalHostStates, type Run } from '@omanager/contract';
import { Link, useSearchParams } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { Replaying } from '../../audit/sessions/Replaying.tsx';
import css from './ReplayPage.module.css';
import { replayTexts } from './texts.ts';
import { useRunCast } from './useRunCast.ts';

/** What one server wrote, played in the time in which it was written. */
export default function ReplayPage({ store, run, ordinal }: { store: RunStore; run: Run; ordinal: number }) {
  const t = useTexts(replayTexts);
  const [search] = useSearchParams();
  const host = store.host(ordinal);
  const asked = Number(search.get('attempt'));
  const attempt = Number.isInteger(asked) && asked > 0 ? asked : (host?.attempt ?? 1);
  const isCurrent = host !== undefined && attempt === host.attempt;
  const { loaded, partly, lines, error } = useRunCast(run.id, ordinal, attempt, isCurrent ? host.startedAt : null);
  return (
    <section className={css.page} aria-label={t('title', { name: safeText(host?.name ?? '') })}>
      <div className={layout.bar}>
        <Link href={`/runs/${run.id}/log/${ordinal}${isCurrent ? '' : `?attempt=${attempt}`}`}>{t('back')}</Link>
        <h2 className={layout.cut}>{t('title', { name: safeText(host?.name ?? '') })}</h2>
      </div>
      {error && <ErrorNote error={error} />}
      {!loaded && !error && (
        <p className={css.note} role="status">
          {t('loading', { count: lines })}
        </p>
      )}
      {partly && <p className={css.note}>{t('partly')}</p>}
      {loaded && isCurrent && !finalHostStates.has(host.state) && <p className={css.note}>{t('going')}</p>}
      {loaded?.count === 0 && <EmptyState title={t('nothing')}>{t('nothingWhy')}</EmptyState>}
      {loaded && loaded.count > 0 && <Replaying loaded={loaded} />}
    </section>
  );
}
