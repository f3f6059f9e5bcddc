/**
 * What a terminal would obey, hide or reorder instead of showing: control characters (C0, C1, DEL), line and paragraph
 * separators, lone surrogates, and format characters (bidi controls, zero-width ones, tags). Left alone are the two
 * joiners, without which some scripts and emoji fall apart, and the Arabic, Syriac and Kaithi signs, which are visible.
 */
const dangerous =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])\p{Cf}/gu;

/** One line of text from elsewhere, harmless to a terminal: what could act is shown as `\x1b`, `\u202e`, `\u{e0041}`. */
export function printable(text: string): string {
  return text.replace(dangerous, escapeOf);
}

/** The same for a line of output without its newline: tabs stay, and a final `\r` was part of the line's end. */
export function printableLine(line: string): string {
  return line.replace(/\r$/, '').replace(dangerous, (char) => (char === '\t' ? char : escapeOf(char)));
}

/** JSON that is also harmless to a terminal; still the same JSON value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(dangerous, (char) =>
    [...Array(char.length).keys()].map((i) => `\\u${hex(char.charCodeAt(i), 4)}`).join(''),
  );
}

function escapeOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (char === '\t') return '\\t';
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${code.toString(16)}}`;
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');
