import { type Counts, type HostState, hostStates } from '@omanager/contract';
import { useTexts } from '../i18n/useTexts.ts';
import css from './FractionBar.module.css';
import { toneOf } from './stateTones.ts';
import { uiTexts } from './texts.ts';

/** In the order of the bar: what is done first, what is to come last. */
export const barOrder: readonly HostState[] = [
  ...(['ok', 'failed', 'unreachable', 'timed_out', 'aborted', 'lost', 'not_started', 'skipped'] as const),
  ...(['running', 'connecting', 'pending'] as const),
];

/** Which share of the servers is in which state; `slim` within a row. */
export function FractionBar({ counts, slim = false }: { counts: Counts; slim?: boolean }) {
  const t = useTexts(uiTexts);
  const shown = barOrder.filter((state) => counts[state] > 0);
  const words = hostStates.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${t(state)}`);
  return (
    <div
      className={css.bar}
      data-slim={slim || undefined}
      role="img"
      aria-label={t('fraction', { words: words.join(', ') })}
    >
      {shown.map((state) => (
        <i
          key={state}
          data-state={state}
          data-tone={toneOf(state)}
          style={{ flexGrow: counts[state] }}
          title={`${counts[state]} ${t(state)}`}
        />
      ))}
    </div>
  );
}
