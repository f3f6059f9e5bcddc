import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMetadata, encodeMetadata } from './metadata.ts';
import { codeOf } from './testing/connect.ts';
import { bytes, concat } from './testing/forge.ts';

const encode = (metadata: Record<string, string>) => encodeMetadata(metadata, 10_000);

test('the form is length, name, length, value', () => {
  expect(encode({ 'Socket-Type': 'DEALER', Identity: '' })).toEqual(
    bytes('\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0'),
  );
  expect(encode({})).toHaveLength(0);
  expect(decodeMetadata(new Uint8Array(0))).toEqual({});
});

test('names are equal ignoring case: a second spelling is a duplicate, and the first keeps its case', () => {
  expect(decodeMetadata(bytes('\x01A\0\0\0\x01x'))).toEqual({ A: 'x' });
  expect(codeOf(() => decodeMetadata(bytes('\x01A\0\0\0\x01x\x01a\0\0\0\x01x')))).toBe('bad_metadata');
  expect(codeOf(() => encode({ A: '', a: '' }))).toBe('bad_metadata');
});

test.each([
  ['an empty name', '\0\0\0\0\0'],
  ['a name outside the alphabet', '\x01 \0\0\0\0'],
  ['a name that is not ASCII', '\x01\xe9\0\0\0\0'],
  ['a name that JavaScript treats specially', '\x09__proto__\0\0\0\0'],
  ['a value that is missing altogether', '\x01x'],
  ['a length that is cut short', '\x01x\0\0\0'],
  ['a value that is cut short', '\x01x\0\0\0\x02y'],
  ['a length beyond everything', '\x01x\xff\xff\xff\xff'],
  ['a value that is not UTF-8', '\x01x\0\0\0\x01\xff'],
  ['something after the last property', '\x01x\0\0\0\0\x05'],
])('%s is refused', (_, text) => {
  expect(codeOf(() => decodeMetadata(bytes(text)))).toBe('bad_metadata');
});

test('what cannot be read back is not written either', () => {
  expect(codeOf(() => encode({ '': 'x' }))).toBe('bad_metadata');
  expect(codeOf(() => encode({ 'a b': 'x' }))).toBe('bad_metadata');
  expect(codeOf(() => encode({ ['x'.repeat(256)]: '' }))).toBe('bad_metadata');
  expect(codeOf(() => encodeMetadata({ x: '12345' }, 10))).toBe('bad_metadata');
  expect(encodeMetadata({ x: '1234' }, 10)).toHaveLength(10);
  // @ts-expect-error what untyped code may pass
  expect(codeOf(() => encode({ x: 1 }))).toBe('bad_metadata');
});

const names = fc.stringMatching(/^[A-Za-z0-9\-_.+]{1,20}$/).filter((name) => name.toLowerCase() !== '__proto__');
const records = fc
  .uniqueArray(fc.tuple(names, fc.string({ unit: 'grapheme' })), { selector: ([name]) => name.toLowerCase() })
  .map((entries) => Object.fromEntries(entries));

test('what is written is read back, and no proper part of it is mistaken for the whole', () => {
  fc.assert(
    fc.property(records, (metadata) => {
      const encoded = encode(metadata);
      expect(decodeMetadata(encoded)).toEqual(metadata);
      for (let length = 0; length < encoded.length; length += 1) {
        const cut = encoded.subarray(0, length);
        // A cut between two properties leaves fewer of them; anywhere else it is an error. (The box shows either.)
        if (codeOf(() => decodeMetadata(cut)) === undefined) expect(encode(decodeMetadata(cut))).toEqual(cut);
      }
    }),
    { numRuns: 50 },
  );
});

test('any bytes at all are either metadata or a typed refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
      for (const candidate of [noise, concat(bytes('\x02ab\0\0\0\x01c'), noise)]) {
        const code = codeOf(() => decodeMetadata(candidate));
        if (code === undefined) expect(encode(decodeMetadata(candidate))).toHaveLength(candidate.length);
        else expect(code).toBe('bad_metadata');
      }
    }),
  );
});
