import { escapeSequence, withoutAnsi } from '@omanager/run-files';

/** A piece of a line in one look. `color`: 0–15 of the terminal's palette, null for that of plain text. */
export interface Span {
  readonly text: string;
  readonly color: number | null;
  readonly bold: boolean;
  readonly underline: boolean;
}

type Look = Omit<Span, 'text'>;
const plain: Look = { color: null, bold: false, underline: false };

/** A line of output in pieces of one look each; a line begins plain. What is left of controls is for `safeText`. */
export function parseAnsi(line: string): Span[] {
  if (!line.includes('\u001b')) return line === '' ? [] : [{ text: line, ...plain }];
  const spans: Span[] = [];
  let look = plain;
  let from = 0;
  for (const found of line.matchAll(escapeSequence)) {
    if (found.index > from) spans.push({ text: line.slice(from, found.index), ...look });
    from = found.index + found[0].length;
    if (found[3] === 'm' && found[2] === '') look = applied(look, found[1] ?? '');
  }
  if (from < line.length) spans.push({ text: line.slice(from), ...look });
  return spans;
}

export { withoutAnsi };

function applied(before: Look, text: string): Look {
  const codes = text.split(/[;:]/).map(Number);
  let look = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) look = plain;
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 22) look = { ...look, bold: false };
    else if (code === 4) look = { ...look, underline: true };
    else if (code === 24) look = { ...look, underline: false };
    else if (code >= 30 && code <= 37) look = { ...look, color: code - 30 };
    else if (code >= 90 && code <= 97) look = { ...look, color: code - 82 };
    else if (code === 39) look = { ...look, color: null };
    else if (code === 38 || code === 48) {
      const indexed = codes[i + 1] === 5;
      const color = indexed
        ? ofIndex(codes[i + 2] ?? 0)
        : ofRgb(codes[i + 2] ?? 0, codes[i + 3] ?? 0, codes[i + 4] ?? 0);
      if (code === 38) look = { ...look, color };
      i += indexed ? 2 : 4;
    }
  }
  return look;
}

/** The 256 colours become the nearest of the 16, whose contrast is known. */
function ofIndex(index: number): number {
  if (index < 16) return index;
  if (index >= 232) return index < 244 ? 8 : 7;
  const cube = index - 16;
  return ofRgb(Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51);
}

function ofRgb(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  if (most < 48) return 8;
  const on = (part: number): number => (part * 2 > most ? 1 : 0);
  return on(red) + on(green) * 2 + on(blue) * 4 + (most > 192 ? 8 : 0);
}
