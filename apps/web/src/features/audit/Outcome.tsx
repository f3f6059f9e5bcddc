import type { ActionEvent } from '@omanager/contract';
import { useTexts } from '../../i18n/useTexts.ts';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import css from './Audit.module.css';
import { auditTexts } from './texts.ts';

const glyphs = { done: 'ok', refused: 'aborted', failed: 'failed' } as const;

/** What became of an act: glyph, colour and word. */
export function Outcome({ outcome }: { outcome: ActionEvent['outcome'] }) {
  const t = useTexts(auditTexts);
  return (
    <span className={css.outcome} data-outcome={outcome}>
      <StateGlyph state={glyphs[outcome]} />
      {t(outcome)}
    </span>
  );
}
