import { useSyncExternalStore } from 'react';
import { type Field, type Values, withoutSecrets } from '../../forms/params.ts';
import { nothing, type Selection } from '../servers/selection.ts';
import type { LinkProblem } from './link.ts';
import { emptySpread, type Spread } from './spread.ts';

/** What is being put together. It lives as long as the page, so that going to look at something loses nothing. */
export interface Draft {
  readonly module: string | null;
  readonly selection: Selection;
  /** Filled in, by module: changing the module and coming back finds the form as it was. */
  readonly values: Readonly<Record<string, Values>>;
  readonly spread: Spread;
  /** A link filled it in, and nobody has looked at it yet. */
  readonly fromLink: boolean;
  /** What a link asked for and could not be filled in. */
  readonly linkProblems: readonly LinkProblem[];
  /** How often it was tried to go on with mistakes in the form: then all of them are shown. */
  readonly tries: number;
  /** What stands in the form as JSON is none. */
  readonly noForm: boolean;
}

const empty: Draft = {
  ...{ module: null, selection: nothing, values: {}, spread: emptySpread },
  ...{ fromLink: false, linkProblems: [], tries: 0, noForm: false },
};
const listeners = new Set<() => void>();
let current = empty;

/** As it is now. */
export const draft = (): Draft => current;

export function changeDraft(change: Partial<Draft>): void {
  current = { ...current, ...change };
  for (const listener of [...listeners]) listener();
}

/** Of another person, or after signing out: nothing of it is left. */
export const forgetDraft = (): void => changeDraft(empty);

/** A form that is left keeps neither secrets nor files. */
export function forgetSecrets(module: string, fields: readonly Field[]): void {
  const values = current.values[module];
  if (values) changeDraft({ values: { ...current.values, [module]: withoutSecrets(fields, values) } });
}

export function useDraft(): Draft {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
