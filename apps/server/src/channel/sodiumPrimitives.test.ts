import { type Primitives, tweetnaclPrimitives } from '@omanager/secure-channel';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { loadPrimitives } from './sodiumPrimitives.ts';

const sodium = await loadPrimitives();
const both: [string, Primitives, Primitives][] = [
  ['sodium seals, tweetnacl opens', sodium, tweetnaclPrimitives],
  ['tweetnacl seals, sodium opens', tweetnaclPrimitives, sodium],
];

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Mostly small, sometimes up to 64 KiB, with content that random bytes fill cheaply. */
const messages = fc
  .oneof(
    { weight: 4, arbitrary: fc.nat(300) },
    { weight: 1, arbitrary: fc.nat(64 * 1024) },
    fc.constantFrom(0, 64 * 1024),
  )
  .map((length) => tweetnaclPrimitives.randomBytes(length));

test('this machine has sodium-native, so that what follows compares two things', () => {
  expect(sodium.name).toBe('sodium-native');
});

test('where sodium-native does not load, tweetnacl takes its place', async () => {
  vi.resetModules();
  vi.doMock('sodium-native', () => {
    throw new Error('no native build for this platform');
  });
  try {
    const { loadPrimitives: loadAgain } = await import('./sodiumPrimitives.ts');
    expect((await loadAgain()).name).toBe('tweetnacl');
  } finally {
    vi.doUnmock('sodium-native');
  }
});

test.each(both)('%s: the same bytes', (_, sealer, opener) => {
  fc.assert(
    fc.property(messages, bytes(24), bytes(32), (message, nonce, key) => {
      const box = sealer.seal(message, nonce, key);
      expect(Buffer.compare(box, opener.seal(message, nonce, key))).toBe(0);
      expect(Buffer.compare(opener.open(box, nonce, key) ?? Buffer.of(1), message)).toBe(0);
    }),
  );
});

test.each(both)('%s: a box that was altered, cut or made with another key or nonce is null', (_, sealer, opener) => {
  fc.assert(
    fc.property(messages, bytes(24), bytes(32), fc.nat(), fc.nat(7), (message, nonce, key, at, bit) => {
      const box = sealer.seal(message, nonce, key);
      const flip = (data: Uint8Array) =>
        data.map((byte, index) => (index === at % data.length ? byte ^ (1 << bit) : byte));
      expect(opener.open(flip(box), nonce, key)).toBeNull();
      expect(opener.open(box, flip(nonce), key)).toBeNull();
      expect(opener.open(box, nonce, flip(key))).toBeNull();
      expect(opener.open(box.subarray(0, at % box.length), nonce, key)).toBeNull();
    }),
    { numRuns: 50 },
  );
  for (const length of [0, 1, 15])
    expect(opener.open(new Uint8Array(length), new Uint8Array(24), new Uint8Array(32))).toBeNull();
});

test('inputs that are views into a larger buffer are read where they are', () => {
  const whole = tweetnaclPrimitives.randomBytes(200);
  const [message, nonce, key] = [whole.subarray(3, 104), whole.subarray(105, 129), whole.subarray(131, 163)];
  expect(sodium.seal(message, nonce, key)).toEqual(tweetnaclPrimitives.seal(message, nonce, key));
  expect(sodium.publicKeyOf(key)).toEqual(tweetnaclPrimitives.publicKeyOf(key));
});

test('public and shared keys are the same, from both sides, for any secret', () => {
  fc.assert(
    fc.property(bytes(32), bytes(32), (one, two) => {
      const [publicOne, publicTwo] = [sodium.publicKeyOf(one), sodium.publicKeyOf(two)];
      expect(publicOne).toEqual(tweetnaclPrimitives.publicKeyOf(one));
      const shared = sodium.sharedKey(publicTwo, one);
      expect(shared).not.toBeNull();
      expect(shared).toEqual(tweetnaclPrimitives.sharedKey(publicTwo, one));
      expect(shared).toEqual(tweetnaclPrimitives.sharedKey(publicOne, two));
    }),
    { numRuns: 30 },
  );
});

test('the shared key is the same for public keys that nobody made, with the top bit set or not', () => {
  fc.assert(
    fc.property(bytes(32), bytes(32), (publicKey, secret) => {
      expect(sodium.sharedKey(publicKey, secret)).toEqual(tweetnaclPrimitives.sharedKey(publicKey, secret));
    }),
    { numRuns: 50 },
  );
});

test.each([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
])('the low-order key %s gives no secret in either, with the top bit set or not', (text) => {
  const key = Buffer.from(text, 'hex');
  const alias = Buffer.from(key);
  alias.writeUInt8(alias.readUInt8(31) | 0x80, 31);
  for (const primitives of [sodium, tweetnaclPrimitives]) {
    expect(primitives.sharedKey(key, primitives.randomBytes(32))).toBeNull();
    expect(primitives.sharedKey(alias, primitives.randomBytes(32))).toBeNull();
  }
});

test('comparison and randomness behave alike', () => {
  const one = sodium.randomBytes(32);
  for (const primitives of [sodium, tweetnaclPrimitives]) {
    expect(primitives.equal(one, one.slice())).toBe(true);
    expect(primitives.equal(one, primitives.randomBytes(32))).toBe(false);
    expect(primitives.equal(one, one.subarray(0, 31))).toBe(false);
    expect(primitives.equal(new Uint8Array(0), new Uint8Array(0))).toBe(false);
    expect(primitives.randomBytes(5)).toHaveLength(5);
  }
});
