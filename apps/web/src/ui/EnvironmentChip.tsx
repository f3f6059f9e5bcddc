import { isProduction } from '@omanager/contract';
import { useTexts } from '../i18n/useTexts.ts';
import css from './EnvironmentChip.module.css';
import { safeText } from './safeText.ts';
import { uiTexts } from './texts.ts';

/** The plain names are said short; one that says more, such as prod-eu, is said as it is. */
const plain = /^prod(uction)?$/i;

export function EnvironmentChip({ environment }: { environment: string }) {
  const t = useTexts(uiTexts);
  return (
    <span className={css.chip} data-production={isProduction(environment) || undefined}>
      {plain.test(environment) ? t('production') : safeText(environment)}
    </span>
  );
}
