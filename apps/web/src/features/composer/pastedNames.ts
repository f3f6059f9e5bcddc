/** The names of a pasted list, each once, with its ranges spelled out, and those that stood there more than once. */
export function readNames(text: string, expand: (range: string) => readonly string[] | null) {
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  for (const word of words(text)) {
    for (const name of word.includes('[') ? (expand(word) ?? [word]) : [word]) {
      if (seen.has(name)) duplicates.add(name);
      seen.add(name);
    }
  }
  return { names: [...seen], duplicates: [...duplicates] };
}

/** Separated by space, comma, semicolon or line, but not within brackets. */
const words = (text: string): string[] => text.match(/(?:\[[^\]\n]*\]|[^\s,;，；、])+/g) ?? [];
