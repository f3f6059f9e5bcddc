import type { ModuleSource, ModuleSummary, Title } from '@omanager/contract';

/** What part of the library is shown. */
export type Filter =
  | { kind: 'all' }
  | { kind: 'family'; family: string }
  | { kind: 'source'; source: ModuleSource }
  | { kind: 'retired' };

export interface FilterCounts {
  all: number;
  families: { family: string; title: Title; count: number }[];
  sources: { source: ModuleSource; count: number }[];
  retired: number;
}

/** Retired modules stand apart: they are in no family and no source. */
export function passes(module: ModuleSummary, filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
      return module.retired === null;
    case 'family':
      return module.retired === null && module.family === filter.family;
    case 'source':
      return module.retired === null && module.source === filter.source;
    case 'retired':
      return module.retired !== null;
  }
}

/** How many modules each filter shows; families and sources in the order in which the server lists them. */
export function countModules(modules: readonly ModuleSummary[]): FilterCounts {
  const families = new Map<string, FilterCounts['families'][number]>();
  const sources = new Map<ModuleSource, number>();
  const offered = modules.filter(({ retired }) => retired === null);
  for (const { family, familyTitle, source } of offered) {
    const one = families.get(family) ?? { family, title: familyTitle, count: 0 };
    families.set(family, { ...one, count: one.count + 1 });
    sources.set(source, (sources.get(source) ?? 0) + 1);
  }
  return {
    all: offered.length,
    families: [...families.values()],
    sources: [...sources].map(([source, count]) => ({ source, count })),
    retired: modules.length - offered.length,
  };
}

export const filterKey = (filter: Filter): string => {
  switch (filter.kind) {
    case 'all':
    case 'retired':
      return filter.kind;
    case 'family':
      return `family ${filter.family}`;
    case 'source':
      return `source ${filter.source}`;
  }
};
