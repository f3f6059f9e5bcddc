import type { FoldKind } from '@omanager/contract';
import { useSearchParams } from 'wouter';

/** With which server a log is compared; `most`: with the first of the largest group. */
export interface Comparison {
  readonly against: number | 'most';
  readonly by: FoldKind;
}

export function comparisonOf(params: URLSearchParams): Comparison | null {
  const against = params.get('against') ?? '';
  const by = params.get('by') === 'exact' ? 'exact' : 'masked';
  if (against === 'most') return { against, by };
  return /^\d{1,6}$/.test(against) ? { against: Number(against), by } : null;
}

export function withComparison(params: URLSearchParams, comparison: Comparison | null): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete('against');
  next.delete('by');
  if (comparison) next.set('against', String(comparison.against));
  if (comparison?.by === 'exact') next.set('by', 'exact');
  return next;
}

/** It stands in the address: a link to the page shows the same. */
export function useComparison(): [Comparison | null, (comparison: Comparison | null) => void] {
  const [params, setParams] = useSearchParams();
  return [comparisonOf(params), (next) => setParams((was) => withComparison(was, next), { replace: true })];
}
