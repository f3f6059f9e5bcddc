import type { HostState, RunState } from '@omanager/contract';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/useTexts.ts';
import { StateGlyph } from './StateGlyph.tsx';
import css from './StateLabel.module.css';
import { toneOf } from './stateTones.ts';
import { uiTexts } from './texts.ts';

/** A state as glyph, colour and word, with a count before it where there is one. */
export function StateLabel({
  state,
  count,
  children,
}: {
  state: HostState | RunState;
  count?: number;
  children?: ReactNode;
}) {
  const t = useTexts(uiTexts);
  return (
    <span className={css.label} data-tone={toneOf(state)}>
      <StateGlyph state={state} />
      {count !== undefined && <b className={css.count}>{count}</b>} {t(state)}
      {children}
    </span>
  );
}
