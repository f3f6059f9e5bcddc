import { type Counts, type HostState, hostStates } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import { toneOf } from '../../../ui/stateTones.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { runTexts } from '../texts.ts';
import css from './FractionBar.module.css';

/** In the order of the bar: what is done first, what is to come last. */
export const barOrder: readonly HostState[] = [
  ...(['ok', 'failed', 'unreachable', 'timed_out', 'aborted', 'lost', 'not_started', 'skipped'] as const),
  ...(['running', 'connecting', 'pending'] as const),
];

/** Which share of the servers is in which state. */
export function FractionBar({ counts }: { counts: Counts }) {
  const t = useTexts(runTexts);
  const tState = useTexts(uiTexts);
  const shown = barOrder.filter((state) => counts[state] > 0);
  const words = hostStates.filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${tState(state)}`);
  return (
    <div className={css.bar} role="img" aria-label={t('fraction', { words: words.join(', ') })}>
      {shown.map((state) => (
        <i
          key={state}
          data-state={state}
          data-tone={toneOf(state)}
          style={{ flexGrow: counts[state] }}
          title={`${counts[state]} ${tState(state)}`}
        />
      ))}
    </div>
  );
}
