import type { ModuleSummary } from '@omanager/contract';
import type { Preferences } from '../../preferences/preferences.ts';

/** Beside the families: what a person has a star on, and what they ran last. */
export const ownLists = ['favourites', 'recent'] as const;
export type OwnList = (typeof ownLists)[number];

export const isOwnList = (family: string | null): family is OwnList => ownLists.some((name) => name === family);

/** In the order of the list: the latest first. What is no longer offered is left out. */
export function ofOwn<T extends Pick<ModuleSummary, 'id'>>(
  modules: readonly T[],
  list: OwnList,
  own: Pick<Preferences, OwnList>,
): readonly T[] {
  const byId = new Map(modules.map((module) => [module.id, module]));
  return own[list].flatMap((id) => byId.get(id) ?? []);
}
