import { useTexts } from '../../../i18n/useTexts.ts';
import { stateAt, unknownState } from '../../../live/runStore.ts';
import { safeText } from '../../../ui/safeText.ts';
import { notOkStates } from '../header/steering.ts';
import css from './CellGrid.module.css';
import type { CellLayout } from './cellLayout.ts';
import { serversTexts } from './texts.ts';

const notOk = new Set(notOkStates);

/** The name of each group of cells and how many of its servers are OK. `version` says when states changed. */
export function CellHeads({ layout, states }: { layout: CellLayout; states: Uint8Array; version: number }) {
  const t = useTexts(serversTexts);
  return layout.heads.map(({ group, top, height }) => {
    let ok = 0;
    let bad = 0;
    for (const ordinal of group.ordinals) {
      const index = states[ordinal] ?? unknownState;
      if (index === unknownState) continue;
      const state = stateAt(index);
      if (state === 'ok') ok += 1;
      else if (notOk.has(state)) bad += 1;
    }
    return (
      <div key={group.name} className={css.head} style={{ top, height }}>
        {group.name !== '' && (
          <>
            <span className={css.name} title={group.name}>
              {safeText(group.name)}
            </span>
            <span className={css.counts}>
              {ok}/{group.ordinals.length}
              {bad > 0 && <b> · {t('notOk', { count: bad })}</b>}
            </span>
          </>
        )}
      </div>
    );
  });
}
