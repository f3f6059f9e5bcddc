/**
 * Quotes a text as one word of any POSIX shell (sh, dash, bash, busybox, ksh, zsh), whatever it contains.
 * The only character that is special inside single quotes is the single quote itself.
 */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Quotes a line of shell so that POSIX shells, fish and csh read the same single word.
 * Throws for characters that one of them treats specially inside single quotes: fish knows `\`, csh knows `!` and ends a word at a newline.
 */
export function quoteForLoginShell(line: string): string {
  if (/['\\!\n\r\0]/.test(line))
    throw new Error('a command line for an unknown login shell may hold no quote, backslash, ! or newline');
  return `'${line}'`;
}
