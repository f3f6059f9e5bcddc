import type { Risk } from '@omanager/contract';
import { useTexts } from '../i18n/useTexts.ts';
import css from './RiskChip.module.css';
import { uiTexts } from './texts.ts';

const shapes: Readonly<Record<Risk, React.ReactNode>> = {
  read: <circle cx="4" cy="4" r="2.8" fill="none" />,
  change: <path d="M4 .8 7.2 4 4 7.2.8 4z" fill="none" />,
  disruptive: <path d="M4 1 7.4 7H.6z" fill="currentColor" />,
  destructive: <rect x="1" y="1" width="6" height="6" fill="currentColor" />,
};

/** How much a module may break: shape, colour and word. */
export function RiskChip({ risk, glyphOnly = false }: { risk: Risk; glyphOnly?: boolean }) {
  const t = useTexts(uiTexts);
  return (
    <span className={css.chip} data-risk={risk} title={glyphOnly ? t(risk) : undefined}>
      <svg width="8" height="8" viewBox="0 0 8 8" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
        {shapes[risk]}
      </svg>
      <span className={glyphOnly ? css.hidden : undefined}>{t(risk)}</span>
    </span>
  );
}
