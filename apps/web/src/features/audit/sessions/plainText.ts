// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what this file is about

// CSI, OSC and other strings, charsets, and two-character sequences.
const escapes =
  /\u001b(?:\[[0-9:;<=>?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]+[0-~]|[0-Z\\-~])/g;
const taken = /\u0008|\r(?!\r*(?:\n|$))/;

export const withoutEscapes = (text: string): string => (text.includes('\u001b') ? text.replace(escapes, '') : text);

/** Whether something in it, without escapes, was typed over. */
export const isTypedOver = (text: string): boolean => taken.test(text);

/** A line as it stood at last. Backspace takes a character back, CR in the middle begins the line anew. */
export function plainLine(text: string): string {
  let line = '';
  for (const [position, word] of withoutEscapes(text)
    .replace(/[\r\n]+$/, '')
    .split('\r')
    .entries()) {
    if (position > 0) line = '';
    if (!word.includes('\u0008')) line += word;
    else for (const piece of word.split(/(\u0008)/)) line = piece === '\u0008' ? line.slice(0, -1) : line + piece;
  }
  return line.replace(/[\u0000-\u0007\u000e-\u001f]/g, '');
}
