import { describe, expect, it } from 'vitest';
import { indented, offsetOf, onNewLine } from './editing.ts';

/** `|` stands where the caret is, `<` and `>` around a selection. */
const at = (marked: string) => {
  const from = marked.search(/[¦«]/);
  const bare = marked.replace(/[¦«]/, '');
  const to = bare.indexOf('»');
  return { text: bare.replace('»', ''), from, to: to < 0 ? from : to };
};
const shown = ({ text, from, to }: { text: string; from: number; to: number }) =>
  from === to
    ? `${text.slice(0, from)}¦${text.slice(from)}`
    : `${text.slice(0, from)}«${text.slice(from, to)}»${text.slice(to)}`;

describe('editing', () => {
  it.each([
    ['a: 1¦', 'a: 1\n¦'],
    ['params:¦', 'params:\n  ¦'],
    ['  x: |¦\nb', '  x: |\n    ¦\nb'],
    ['  lines: 1¦', '  lines: 1\n  ¦'],
    ['«abc»d', '\n¦d'],
  ])('a new line after %j', (before, after) => {
    const { text, from, to } = at(before);
    expect(shown(onNewLine(text, from, to))).toBe(after);
  });

  it.each([
    [true, 'a¦b', '  a¦b'],
    [true, 'a\n«b\nc»\nd', 'a\n  «b\n  c»\nd'],
    [true, '«a\n»b', '  «a\n»b'],
    [false, '    a¦b', '  a¦b'],
    [false, ' «a\n   b»', '«a\n b»'],
    [false, '¦a', '¦a'],
  ])('indents %s: %j', (further, before, after) => {
    const { text, from, to } = at(before);
    expect(shown(indented(text, from, to, further))).toBe(after);
  });

  it('finds the place of a problem', () => {
    expect(offsetOf('ab\ncd\n', 2, 2)).toBe(4);
    expect(offsetOf('ab\ncd\n', 1, 9)).toBe(2);
    expect(offsetOf('ab\ncd\n', 9, 1)).toBe(6);
  });
});
