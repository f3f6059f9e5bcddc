/**
 * CSI, then OSC and other strings up to their end, then other escapes. Only SGR (CSI … m) means anything in a log: the
 * rest moves cursors, sets titles or makes links.
 */
export const escapeSequence =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what it is about
  /\u001b\[([0-9;:]*)([\u0020-\u002f]*)([\u0040-\u007e])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[\u0020-\u002f]*[\u0030-\u005a\u005c-\u007e]/g;

/** The line without its looks. */
export const withoutAnsi = (line: string): string =>
  line.includes('\u001b') ? line.replace(escapeSequence, '') : line;
