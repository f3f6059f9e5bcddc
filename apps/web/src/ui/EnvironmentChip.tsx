import { isProduction } from '@omanager/contract';
import css from './EnvironmentChip.module.css';
import { safeText } from './safeText.ts';

/** The plain names are said short; one that says more, such as prod-eu, is said as it is. */
const plain = /^prod(uction)?$/i;

export function EnvironmentChip({ environment }: { environment: string }) {
  return (
    <span className={css.chip} data-production={isProduction(environment) || undefined}>
      {plain.test(environment) ? 'PROD' : safeText(environment)}
    </span>
  );
}
