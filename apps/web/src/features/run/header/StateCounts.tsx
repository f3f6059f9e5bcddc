import type { Counts, HostState } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import { barOrder } from '../../../ui/FractionBar.tsx';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { uiTexts } from '../../../ui/texts.ts';
import { runTexts } from '../texts.ts';
import css from './StateCounts.module.css';

/** How many servers are in which state; one that is pressed filters what is below. */
export function StateCounts({
  counts,
  only,
  onOnly,
}: {
  counts: Counts;
  only: HostState | null;
  onOnly: (state: HostState | null) => void;
}) {
  const t = useTexts(runTexts);
  const tState = useTexts(uiTexts);
  return (
    <div className={css.counts}>
      {barOrder
        .filter((state) => counts[state] > 0 || only === state)
        .map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={only === state}
            title={only === state ? t('all') : t('filterBy', { state: tState(state) })}
            onClick={() => onOnly(only === state ? null : state)}
          >
            <StateLabel state={state} count={counts[state]} />
          </button>
        ))}
    </div>
  );
}
