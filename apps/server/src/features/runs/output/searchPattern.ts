import { isAscii } from 'node:buffer';
import { RE2JS } from 're2js';

export interface SearchPattern {
  pattern: string;
  regex: boolean;
  ignoreCase: boolean;
}

/** Finds lines. A line is given without its newline, and without the carriage return before it. */
export interface LineFinder {
  /**
   * Where the next line with a match begins, at or after `from`, which is the beginning of a line; -1: none.
   * `block` is lines, each but the last with its newline.
   */
  next(block: Buffer, from: number): number;
  /** Matches within one line, as bytes from and to. */
  matches(line: Buffer, most: number): [number, number][];
  /** A line that comes in pieces is searched with so many bytes of the piece before: no match is missed. */
  readonly overlap: number;
}

const newline = 10;
const carriageReturn = 13;
/** Instructions of a compiled pattern: repeats of repeats grow beyond all bounds. */
const maxInstructions = 2000;

/** Throws an Error that says what is wrong with the pattern. */
export function compileSearch({ pattern, regex, ignoreCase }: SearchPattern): LineFinder {
  if (!regex && pattern.includes('\n')) throw new Error('A text is searched within a line: it cannot hold a newline.');
  if (!regex && !ignoreCase) return findText(Buffer.from(pattern));
  // In Latin-1 a byte is a character, so offsets are bytes; beyond ASCII letters have their case in more than one byte.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked for
  if (!regex && /^[\x00-\x7f]*$/.test(pattern)) return findAsciiText(pattern);
  return findPattern(regex ? pattern : RE2JS.quote(pattern), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
}

function findText(text: Buffer): LineFinder {
  return {
    overlap: text.length - 1,
    next: (block, from) => lineStart(block, block.indexOf(text, from)),
    matches(line, most) {
      const found: [number, number][] = [];
      for (let at = line.indexOf(text); at >= 0 && found.length < most; at = line.indexOf(text, at + text.length))
        found.push([at, at + text.length]);
      return found;
    },
  };
}

/** Only a quoted text ever becomes a RegExp here: it has nothing to go back to. */
function findAsciiText(text: string): LineFinder {
  const pattern = new RegExp(text.replace(/[^A-Za-z0-9]/g, '\\$&'), 'gi');
  const latin = latinOf();
  return {
    overlap: text.length - 1,
    next(block, from) {
      pattern.lastIndex = from;
      return lineStart(block, pattern.exec(latin(block).text)?.index ?? -1);
    },
    matches: (line, most) =>
      [...line.toString('latin1').matchAll(pattern)]
        .slice(0, most)
        .map(({ index }): [number, number] => [index, index + text.length]),
  };
}

/** RE2: linear in the text, whatever the pattern. */
function findPattern(source: string, flags: number): LineFinder {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, flags);
  } catch {
    throw new Error('This is no pattern of RE2 syntax (look-ahead and back-references are not supported).');
  }
  if (compiled.programSize() > maxInstructions) throw new Error('The pattern is too large: use smaller repeat counts.');
  const latin = latinOf();
  return {
    overlap: 0,
    next(block, from) {
      const { text, ascii } = latin(block);
      for (let at = from; at < block.length; ) {
        const newlineAt = text.indexOf('\n', at);
        const end = newlineAt < 0 ? text.length : newlineAt;
        const stop = text.charCodeAt(end - 1) === carriageReturn && end > at ? end - 1 : end;
        if (compiled.test(ascii ? text.slice(at, stop) : block.toString('utf8', at, stop))) return at;
        at = end + 1;
      }
      return -1;
    },
    matches(line, most) {
      const found: [number, number][] = [];
      const matcher = compiled.matcher(line);
      while (found.length < most && matcher.find())
        if (matcher.end() > matcher.start()) found.push([matcher.start(), matcher.end()]);
      return found;
    },
  };
}

/** Remembers the text of the last block, which is asked for line after line. */
function latinOf(): (block: Buffer) => { text: string; ascii: boolean } {
  let last: Buffer | undefined;
  let known = { text: '', ascii: true };
  return (block) => {
    if (last !== block) known = { text: block.toString('latin1'), ascii: isAscii(block) };
    last = block;
    return known;
  };
}

function lineStart(block: Buffer, at: number): number {
  return at <= 0 ? at : block.lastIndexOf(newline, at - 1) + 1;
}
