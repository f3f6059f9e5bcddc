import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable, printableJson, printableLine } from './printable.ts';

/** Said independently of the code: nothing below may reach a terminal. */
const acts = (text: string): boolean =>
  [...text].some((char) => {
    const code = char.codePointAt(0) ?? 0;
    return (
      code < 0x20 ||
      (code >= 0x7f && code <= 0x9f) ||
      (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069) ||
      (code >= 0xd800 && code <= 0xdfff) ||
      (code >= 0xe0000 && code <= 0xe007f) ||
      [0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x2060, 0xfeff].includes(code)
    );
  });

const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\x1b[2J',
        '\x1b]52;c;aGk=\x07',
        '\x1b]8;;http://x\x1b\\',
        '\x9b1m',
        '\r',
        '\n',
        '\t',
        '\u202e',
        '\ud800',
      ),
    ),
  )
  .map((parts) => parts.join(''));

it('leaves nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(acts(printable(text))).toBe(false);
      expect(acts(printableLine(text).replaceAll('\t', ''))).toBe(false);
      const json = printableJson({ text });
      expect(acts(json)).toBe(false);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});

it('is done after once', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(printable(printable(text))).toBe(printable(text));
    }),
  );
});

it.each(['web-01 负载 1.2', 'naïve café', '👩‍👩‍👧 ok', 'می‌خواهم', 'C:\\temp', ''])('leaves %s as it is', (text) => {
  expect(printable(text)).toBe(text);
  expect(printableLine(text)).toBe(text);
});

it('shows what it found', () => {
  expect(printable('a\x1b[31mb\rc\x9b\u202e\u{e0041}\n')).toBe('a\\x1b[31mb\\rc\\x9b\\u202e\\u{e0041}\\n');
  expect(printableLine('a\tb\rc\r')).toBe('a\tb\\rc');
});
