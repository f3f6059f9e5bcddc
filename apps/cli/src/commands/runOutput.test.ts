import { expect, it } from 'vitest';
import { lineRange } from './runOutput.ts';

it.each([
  ['100-200', { from: 100, to: 200 }],
  ['7', { from: 7, to: 7 }],
  ['7-', { from: 7, to: Number.POSITIVE_INFINITY }],
])('reads lines %s', (text, range) => {
  expect(lineRange(text)).toEqual(range);
});

it.each(['', '0', '0-5', '9-3', '-5', '1-2-3', 'all'])('refuses lines "%s"', (text) => {
  expect(() => lineRange(text)).toThrow('100-200');
});
