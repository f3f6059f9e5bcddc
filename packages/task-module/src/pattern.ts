import { RE2JS } from 're2js';

/**
 * Patterns that users write run in RE2 (linear time, no back-references or look-around), never in RegExp, and within a budget of steps:
 * instructions of the pattern times characters of the text. A million steps take some 50 ms.
 */
const limits = { characters: 500, instructions: 2000, steps: 1_000_000 } as const;

export interface Pattern {
  /** Instructions of the compiled pattern. */
  size: number;
  /** Whether texts of so many characters together are within the budget. */
  affords(characters: number): boolean;
  /** Whether the pattern is found anywhere in the text, as in JSON Schema. */
  test(text: string): boolean;
}

/** The compiled pattern, or what is wrong with it. */
export function compilePattern(source: string): Pattern | string {
  if (source.length > limits.characters) return `a pattern has at most ${limits.characters} characters`;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch {
    return 'not a pattern of RE2 syntax (look-ahead and back-references are not supported)';
  }
  const size = compiled.programSize();
  if (size > limits.instructions) return 'the pattern is too large: use smaller repeat counts';
  return {
    size,
    affords: (characters) => size * characters <= limits.steps,
    test: (text) => compiled.test(text),
  };
}
