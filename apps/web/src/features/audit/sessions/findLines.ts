import { createNumbers, type Numbers } from './numbers.ts';
import { isTypedOver, withoutEscapes } from './plainText.ts';

export interface Search {
  /** Lines with the words, in order. */
  readonly hits: Numbers;
  /** Lines that were looked at. */
  readonly done: number;
  /** Looks on, at so many bytes at least. False when all that is there was looked at, or there are too many hits. */
  step(): boolean;
}

const mostHits = 100_000;
const stepBytes = 256 * 1024;
/** So many lines at once are passed over when the words are nowhere in them. */
const atOnce = 128;

interface Lines {
  readonly count: number;
  textOf(line: number): string;
  rangeOf(first: number, last: number): { from: number; to: number };
}

/** Looks for words in a transcript, a piece at a time; upper and lower case are the same. */
export function searchLines(lines: Lines, textAt: (from: number, to: number) => string, words: string): Search {
  const wanted = words.toLowerCase();
  const hits = createNumbers('u32');
  let done = 0;

  function mayHave(from: number, to: number): boolean {
    const text = withoutEscapes(textAt(from, to)).toLowerCase();
    return text.includes(wanted) || isTypedOver(text);
  }

  return {
    hits,
    get done() {
      return done;
    },
    step() {
      for (let looked = 0; looked < stepBytes && done < lines.count && hits.length < mostHits; ) {
        const last = Math.min(lines.count, done + atOnce) - 1;
        const { from, to } = lines.rangeOf(done, last);
        if (mayHave(from, to))
          for (let line = done; line <= last; line++)
            if (lines.textOf(line).toLowerCase().includes(wanted)) hits.push(line);
        done = last + 1;
        looked += to - from;
      }
      return done < lines.count && hits.length < mostHits;
    },
  };
}
