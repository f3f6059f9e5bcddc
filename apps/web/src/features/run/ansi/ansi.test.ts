import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAnsi, withoutAnsi } from './ansi.ts';

const text = (line: string): string =>
  parseAnsi(line)
    .map((span) => span.text)
    .join('');

it('renders colours, bold and underline, and ends them', () => {
  expect(parseAnsi('a\u001b[1;31merr\u001b[0m b\u001b[4;96mc\u001b[39md')).toEqual([
    { text: 'a', color: null, bold: false, underline: false },
    { text: 'err', color: 1, bold: true, underline: false },
    { text: ' b', color: null, bold: false, underline: false },
    { text: 'c', color: 14, bold: false, underline: true },
    { text: 'd', color: null, bold: false, underline: true },
  ]);
});

it('takes 256 and true colours as the nearest of the 16', () => {
  expect(parseAnsi('\u001b[38;5;196mx')[0]?.color).toBe(9);
  expect(parseAnsi('\u001b[38;2;0;120;0mx')[0]?.color).toBe(2);
  expect(parseAnsi('\u001b[48;2;1;2;3;31mx')[0]?.color).toBe(1);
});

it('drops links, titles, cursor moves and other sequences, also unfinished ones, and keeps the text', () => {
  expect(text('\u001b]8;;javascript:alert(1)\u0007click\u001b]8;;\u0007')).toBe('click');
  expect(text('\u001b]0;title\u001b\\a\u001b[2J\u001b[1;1Hb\u001b(Bc')).toBe('abc');
  expect(text('a\u001b]0;never ends')).toBe('a');
  expect(text('a\u001b[31')).toBe('a\u001b[31');
});

it('shows plain text as it is, whatever it is, and agrees with the text without looks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (line) => {
      if (!line.includes('\u001b')) expect(text(line)).toBe(line);
      expect(text(line)).toBe(withoutAnsi(line));
    }),
  );
});
