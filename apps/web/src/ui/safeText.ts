/**
 * C0 but tab and newline, DEL, C1, bidi controls, and the marks that hide or join: on a page they could reorder or hide
 * what stands beside them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text of a server, made visible: each harmful character as its code in angle brackets. For one line: `\n` is one too. */
export function safeText(text: string): string {
  return text.replace(/\n/g, '\u2424').replace(harmful, shown);
}

/** The same for text of several lines. */
export function safeLines(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(harmful, shown);
}

const shown = (char: string): string => `\u27e8${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}\u27e9`;
