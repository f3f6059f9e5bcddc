import { formatSelector, type HostRow, matcherOf, parseSelector } from '@omanager/contract';
import { type Selection, toggle } from '../servers/selection.ts';

type Chosen = Pick<HostRow, 'name' | 'groups' | 'labels' | 'environment' | 'zone'>;

let last: { text: string; matches: (host: Chosen) => boolean } | null = null;

/** Whether a server is in a choice, also in one that is a selector: the list may show others beside those it means. */
export function isChosen(selection: Selection, host: Chosen): boolean {
  if (selection.kind === 'names') return selection.names.has(host.name);
  // All rows of a list ask for the same one.
  if (last?.text !== selection.selector)
    last = { text: selection.selector, matches: matcherOf(parseSelector(selection.selector)) };
  return last.matches(host);
}

/** In or out; a choice that is a selector stays one. */
export function toggleHost(selection: Selection, host: Chosen, row: number): Selection {
  if (selection.kind === 'names') return toggle(selection, host.name, row);
  const all = parseSelector(selection.selector);
  const one = { kind: 'name', name: host.name } as const;
  return isChosen(selection, host)
    ? {
        kind: 'matching',
        selector: formatSelector({ kind: 'and', of: [all, { kind: 'not', of: one }] }),
        total: selection.total - 1,
      }
    : { kind: 'matching', selector: formatSelector({ kind: 'or', of: [all, one] }), total: selection.total + 1 };
}

/** Without one of them, by name alone: what else is chosen stays. */
export function withoutHost(selection: Selection, name: string): Selection {
  if (selection.kind === 'names') {
    const names = new Set(selection.names);
    names.delete(name);
    return { kind: 'names', names, anchor: null };
  }
  const not = { kind: 'not', of: { kind: 'name', name } } as const;
  const all = parseSelector(selection.selector);
  return { kind: 'matching', selector: formatSelector({ kind: 'and', of: [all, not] }), total: selection.total - 1 };
}
