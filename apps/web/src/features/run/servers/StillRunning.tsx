import type { HostRun } from '@omanager/contract';
import { Link } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { useNow } from '../../../ui/now.ts';
import { StateGlyph } from '../../../ui/StateGlyph.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { clockOf } from '../../../ui/Time.tsx';
import css from './StillRunning.module.css';
import { serversTexts } from './texts.ts';

const shown = 3;

/** Which servers the run waits for, those that run longest first. */
export function StillRunning({
  store,
  live,
  hrefOf,
  onAll,
}: {
  store: RunStore;
  /** Whether the clocks go on. */
  live: boolean;
  hrefOf: (ordinal: number) => string;
  onAll: () => void;
}) {
  const t = useTexts(serversTexts);
  const now = useNow(live ? 1000 : 0);
  const running: HostRun[] = [];
  for (const host of store.hosts()) if (host.state === 'running') running.push(host);
  if (running.length === 0) return null;
  // Times of one form compare as text.
  const since = ({ startedAt }: HostRun) => startedAt ?? '';
  running.sort((a, b) => (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : 0));
  return (
    <section className={css.running} aria-label={t('stillRunning')}>
      <h3>
        {t('stillRunning')} <span>{running.length}</span>
        <button type="button" onClick={onAll}>
          {t('showAll', { count: running.length })}
        </button>
      </h3>
      {running.slice(0, shown).map(({ ordinal, name, startedAt }) => (
        <Link key={ordinal} href={hrefOf(ordinal)} className={css.row}>
          <span className={css.glyph}>
            <StateGlyph state="running" />
          </span>
          <span className={css.name}>{safeText(name)}</span>
          {startedAt && <span>{t('runningFor', { time: clockOf(now - Date.parse(startedAt)) })}</span>}
        </Link>
      ))}
    </section>
  );
}
