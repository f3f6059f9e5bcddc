import type { Selection } from '../servers/selection.ts';

/** What an address fills in. It only fills in: nothing of it starts anything. */
export function readLink(search: URLSearchParams): { module: string | null; selector: string | null } {
  return {
    module: search.get('module'),
    selector: search.get('targets') ?? search.get('target') ?? search.get('select'),
  };
}

/** A selector as a choice. How many it means is known when the plan is there. */
export function selectionOf(selector: string, total: number): Selection {
  return { kind: 'matching', selector, total };
}
