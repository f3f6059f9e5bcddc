import { compilePattern, type Pattern } from './pattern.ts';

/** Which lines are wanted: those that `include` finds and `exclude` does not (RE2 syntax, anywhere in the line). */
export interface LineFilterSpec {
  include?: string | undefined;
  exclude?: string | undefined;
  ignoreCase?: boolean | undefined;
}

export interface LineFilter {
  keeps(line: string): boolean;
}

/** Only the beginning of a longer line decides, so that no line costs more than the budget of a pattern. */
export const filteredChars = 4096;

/** The filter, or what is wrong with it, in words for the operator. */
export function compileLineFilter({ include, exclude, ignoreCase }: LineFilterSpec): LineFilter | string {
  const compiled: Partial<Record<'include' | 'exclude', Pattern>> = {};
  for (const [name, source] of Object.entries({ include, exclude })) {
    if (source === undefined || source === '') continue;
    const pattern = compilePattern(ignoreCase ? `(?i)${source}` : source);
    if (typeof pattern === 'string') return `${name}: ${pattern}`;
    if (!pattern.affords(filteredChars))
      return `${name}: the pattern is too large for lines: use smaller repeat counts`;
    compiled[name as 'include' | 'exclude'] = pattern;
  }
  return {
    keeps(line) {
      const text = line.length > filteredChars ? line.slice(0, filteredChars) : line;
      return (compiled.include?.test(text) ?? true) && !compiled.exclude?.test(text);
    },
  };
}
