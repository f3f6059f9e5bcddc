import { expandRanges, type Selector, selectorLimits } from '@omanager/contract';

/** The names that a term spells out; none for a term that asks for something else. */
export function spelledNames(term: Selector): string[] {
  if (term.kind === 'name') return [term.name];
  return term.kind === 'range' ? expandRanges(term.text, selectorLimits.names) : [];
}
