/** How many lines a paste has: more than one runs something at once. Browsers and systems end lines differently. */
export function linesOf(text: string): number {
  return text.split(/\r\n|\r|\n/).length;
}

/** As keys: Enter is CR, and the marks of a bracketed paste cannot be forged by what is pasted. */
export function pasteKeys(text: string, bracketed: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark itself
  const keys = text.replace(/\r\n|\n/g, '\r').replace(/\u001b\[20[01]~/g, '');
  return bracketed ? `\u001b[200~${keys}\u001b[201~` : keys;
}
