import pc from 'picocolors';
import { expect, it } from 'vitest';
import { formatTable } from './table.ts';
import { bold } from './text.ts';
import { displayWidth, fitWidth } from './width.ts';

const plain = { colors: pc.createColors(false), raw: false };

it('aligns columns by what the terminal shows', () => {
  const rows = [
    ['系统版本', 'x'],
    ['ab', bold('y')],
  ];
  expect(formatTable(['T', 'B'], rows, plain)).toEqual(['T         B', '系统版本  x', 'ab        y']);
  const coloured = formatTable(['T', 'B'], rows, { colors: pc.createColors(true), raw: false });
  expect(coloured[2]).toContain('\x1b[1my');
});

it('shows control characters of a cell instead of obeying them', () => {
  expect(formatTable(['A', 'B'], [['\x1b[2J\n', 'b']], plain)[1]).toBe('\\x1b[2J\\n  b');
});

it.each([
  ['abc', 3],
  ['系统', 4],
  ['ｆｕ', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['🚀', 2],
  ['', 0],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

it('cuts to fit, never through a wide character', () => {
  expect(fitWidth('系统版本', 8)).toBe('系统版本');
  expect(fitWidth('系统版本', 6)).toBe('系统…');
  expect(displayWidth(fitWidth('系统版本', 4))).toBeLessThanOrEqual(4);
});
