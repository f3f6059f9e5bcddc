import type { AlertSeverity } from '@omanager/contract';
import { useTexts } from '../i18n/useTexts.ts';
import css from './SeverityChip.module.css';
import { safeText } from './safeText.ts';
import { uiTexts } from './texts.ts';

const shapes: Readonly<Record<AlertSeverity, React.ReactNode>> = {
  info: <circle cx="4" cy="4" r="2.8" fill="none" />,
  warning: <path d="M4 1 7.4 7H.6z" fill="none" />,
  critical: <path d="M2.4.6h3.2l1.8 1.8v3.2L5.6 7.4H2.4L.6 5.6V2.4z" fill="currentColor" />,
};

/** How grave an alert is: shape, colour and word; `why` says which rule thinks so. */
export function SeverityChip({ severity, why }: { severity: AlertSeverity; why?: string }) {
  const t = useTexts(uiTexts);
  return (
    <span className={css.chip} data-severity={severity} title={why === undefined ? undefined : safeText(why)}>
      <svg width="8" height="8" viewBox="0 0 8 8" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
        {shapes[severity]}
      </svg>
      {t(severity)}
    </span>
  );
}
