import { expect, it } from 'vitest';
import { linesOf, pasteKeys } from './pastes.ts';

it('counts lines however they end, and a paste cannot leave its brackets', () => {
  expect(['a', 'a\nb', 'a\r\nb', 'a\rb', 'a\n'].map(linesOf)).toEqual([1, 2, 2, 2, 2]);
  expect(pasteKeys('a\r\nb\nc', false)).toBe('a\rb\rc');
  expect(pasteKeys('x\u001b[201~rm', true)).toBe('\u001b[200~xrm\u001b[201~');
});
