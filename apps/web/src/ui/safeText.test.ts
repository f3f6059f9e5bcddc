import fc from 'fast-check';
import { expect, it } from 'vitest';
import { safeLines, safeText } from './safeText.ts';

it('shows terminal sequences, bidi controls and line ends as text', () => {
  expect(safeText('a\u001b]8;;javascript:x\u0007b')).toBe('a⟨1b⟩]8;;javascript:x⟨07⟩b');
  expect(safeText('user\u202etxt.exe')).toBe('user⟨202e⟩txt.exe');
  expect(safeText('one\ntwo')).toBe('one␤two');
  expect(safeLines('one\r\ntwo\rthree')).toBe('one\ntwo⟨0d⟩three');
});

it('leaves no character that moves or hides others, whatever comes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(safeText(text)).not.toMatch(/[^\P{Cc}\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});
