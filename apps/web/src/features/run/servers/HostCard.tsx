import type { HostRun } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { safeText } from '../../../ui/safeText.ts';
import css from './CellGrid.module.css';
import { duration } from './duration.ts';
import { serversTexts } from './texts.ts';

const cardWidth = 232;

/** What is known of one server, beside its cell. */
export function HostCard({
  host,
  at,
  width,
}: {
  host: HostRun | undefined;
  at: { left: number; top: number; height: number } | null;
  width: number;
}) {
  const t = useTexts(serversTexts);
  if (!host || !at) return null;
  const facts = [
    host.exitCode === null ? null : t('exitCode', { code: host.exitCode }),
    host.durationMs === null ? null : duration(host.durationMs),
    host.attempt > 1 ? t('attempt', { n: host.attempt }) : null,
  ].filter((fact) => fact !== null);
  const left = Math.max(0, Math.min(at.left, width - cardWidth));
  return (
    <div className={css.card} role="tooltip" style={{ left, top: at.top + at.height + 4 }}>
      <p className={css.title}>{safeText(host.name)}</p>
      <p>
        <StateLabel state={host.state} /> <span className={layout.muted}>{facts.join(' · ')}</span>
      </p>
      {host.reason && <p className={layout.muted}>{t('unreachableBecause', { reason: host.reason })}</p>}
      {host.message && <p className={layout.muted}>{safeText(host.message)}</p>}
    </div>
  );
}
