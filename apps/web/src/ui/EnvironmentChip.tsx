import css from './EnvironmentChip.module.css';
import { safeText } from './safeText.ts';

/** Names that stand for production: only these are drawn in its solid red. */
export const isProduction = (environment: string): boolean => /^prod(uction)?$/i.test(environment);

export function EnvironmentChip({ environment }: { environment: string }) {
  return (
    <span className={css.chip} data-production={isProduction(environment) || undefined}>
      {isProduction(environment) ? 'PROD' : safeText(environment)}
    </span>
  );
}
