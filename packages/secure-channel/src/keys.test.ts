import fc from 'fast-check';
import nacl from 'tweetnacl';
import { expect, test } from 'vitest';
import { decodeKey, encodeKey, generateKeyPair } from './index.ts';
import { requirePublicKey, requireSharedKey } from './keys.ts';
import { codeOf } from './testing/connect.ts';
import { filled, hex, lowOrderKeys, noSecret, pair, unhex, withTopBit } from './testing/forge.ts';
import { tweetnaclPrimitives } from './tweetnaclPrimitives.ts';

test('a key is 43 characters of base64url, one spelling each', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const text = encodeKey(key);
      expect(text).toBe(Buffer.from(key).toString('base64url'));
      expect(decodeKey(text)).toEqual(key);
    }),
  );
  const text = encodeKey(filled(32, 0));
  for (const bad of [
    '',
    text.slice(1),
    `${text}A`,
    `${text}=`,
    ` ${text.slice(1)}`,
    text.replace(/A$/, 'B'),
    text.replace('A', '+'),
  ]) {
    expect(codeOf(() => decodeKey(bad))).toBe('bad_key');
  }
  expect(codeOf(() => encodeKey(filled(33, 0)))).toBe('bad_key');
});

test('key pairs are X25519 and never the same twice', () => {
  const [one, two] = [generateKeyPair(), generateKeyPair()];
  expect(one.publicKey).toEqual(pair(one.secretKey).publicKey);
  expect(one.secretKey).not.toEqual(two.secretKey);
});

test('a public key has one accepted spelling: below 2^255 - 19', () => {
  const accepted = [`${'00'.repeat(31)}00`, `ec${'ff'.repeat(30)}7f`, `ff${'ff'.repeat(29)}fe7f`, encodeLast(0x7e)];
  const refused = [
    `ed${'ff'.repeat(30)}7f`,
    `ff${'ff'.repeat(30)}7f`,
    encodeLast(0x80),
    encodeLast(0xff),
    '00',
    'ff'.repeat(33),
  ];
  expect(accepted.map((key) => codeOf(() => requirePublicKey(unhex(key), 'it')))).toEqual(
    accepted.map(() => undefined),
  );
  expect(refused.map((key) => codeOf(() => requirePublicKey(unhex(key), 'it')))).toEqual(refused.map(() => 'bad_key'));
});
const encodeLast = (last: number): string => 'ff'.repeat(31) + hex(Uint8Array.of(last));

test('every low-order key is found, in every spelling', () => {
  const secret = generateKeyPair().secretKey;
  for (const key of [...lowOrderKeys, ...lowOrderKeys.map(withTopBit)]) {
    expect(nacl.box.before(key, secret)).toEqual(noSecret);
    expect(codeOf(() => requireSharedKey(tweetnaclPrimitives, key, secret, 'it'))).toBe('bad_key');
  }
});
