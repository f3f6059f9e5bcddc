import { compressRanges, selectorLimits } from '@omanager/contract';

/**
 * What is chosen in the table: servers by name, or all that match a selector, also those that come to match it later.
 * `anchor` is where a range with Shift begins.
 */
export type Selection =
  | { readonly kind: 'names'; readonly names: ReadonlySet<string>; readonly anchor: number | null }
  | { readonly kind: 'matching'; readonly selector: string; readonly total: number };

export const nothing: Selection = { kind: 'names', names: new Set(), anchor: null };

export function countOf(selection: Selection): number {
  return selection.kind === 'names' ? selection.names.size : selection.total;
}

export function isSelected(selection: Selection, name: string): boolean {
  return selection.kind === 'matching' || selection.names.has(name);
}

/** One alone. */
export function only(name: string, row: number): Selection {
  return { kind: 'names', names: new Set([name]), anchor: row };
}

/** In or out. Out of all matching it would have to be spelled who is left: the choice begins anew instead. */
export function toggle(selection: Selection, name: string, row: number): Selection {
  if (selection.kind === 'matching') return only(name, row);
  const names = new Set(selection.names);
  if (!names.delete(name)) names.add(name);
  return { kind: 'names', names, anchor: row };
}

/** These too; the anchor stays. */
export function extend(selection: Selection, names: readonly string[]): Selection {
  if (selection.kind === 'matching') return selection;
  return { ...selection, names: new Set([...selection.names, ...names]) };
}

/** As a selector; null when the names are too many to be spelled. */
export function selectorOfSelection(selection: Selection): string | null {
  if (selection.kind === 'matching') return selection.selector;
  const text = compressRanges([...selection.names]);
  return text.length <= selectorLimits.length ? text : null;
}
