import type pc from 'picocolors';
import { printable, printableLine } from './printable.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

/**
 * One line for people. Plain strings may come from anywhere: they are made harmless when the line is rendered, and
 * colour is put on only after that, so no text can bring its own.
 */
export type Text =
  | string
  | number
  | { readonly style: Style; readonly text: Text }
  | { readonly output: string }
  | readonly Text[];

/** A line of output: like any text, but its tabs stay. */
export const outputLine = (line: string): Text => ({ output: line });

const styled =
  (style: Style) =>
  (...text: Text[]): Text => ({ style, text });
export const bold = styled('bold');
export const dim = styled('dim');
export const red = styled('red');
export const green = styled('green');
export const yellow = styled('yellow');
export const blue = styled('blue');
export const magenta = styled('magenta');
export const cyan = styled('cyan');

export interface RenderOptions {
  colors: ReturnType<typeof pc.createColors>;
  /** The operator asked for the bytes as they are. */
  raw: boolean;
}

export function render(text: Text, options: RenderOptions): string {
  if (typeof text === 'number') return String(text);
  if (typeof text === 'string') return options.raw ? text : printable(text);
  if ('output' in text) return options.raw ? text.output : printableLine(text.output);
  if ('style' in text) return options.colors[text.style](render(text.text, options));
  return text.map((part) => render(part, options)).join('');
}
