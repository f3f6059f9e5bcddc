import { generateKeyPair } from '@omanager/secure-channel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSealed, sealTo, shardContext } from './sealedBox.ts';
import { loadPrimitives } from './sodiumPrimitives.ts';

const crypto = await loadPrimitives();
const worker = generateKeyPair();

test('opens with the key and the context it was sealed for, and gives the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (plain, context) => {
      const sealed = sealTo(crypto, worker.publicKey, context, plain);
      expect(openSealed(crypto, worker, context, sealed)).toEqual(plain);
      expect(openSealed(crypto, worker, `${context}.`, sealed)).toBeNull();
      expect(openSealed(crypto, generateKeyPair(), context, sealed)).toBeNull();
    }),
    { numRuns: 50 },
  );
});

test('a box that was altered anywhere, or cut, does not open', () => {
  const sealed = sealTo(crypto, worker.publicKey, 'here', Buffer.from('a secret of some length'));
  for (let at = 0; at < sealed.length; at++) {
    const altered = sealed.slice();
    altered.set([(altered[at] ?? 0) ^ 1], at);
    expect(openSealed(crypto, worker, 'here', altered)).toBeNull();
    expect(openSealed(crypto, worker, 'here', sealed.slice(0, at))).toBeNull();
  }
});

test('nothing is sealed to a low-order key', () => {
  expect(() => sealTo(crypto, new Uint8Array(32), '', Buffer.from('x'))).toThrow('low-order');
});

test('run, zone, worker and piece are all in the context', () => {
  const one = { kind: 'shard' as const, runId: 'r', zoneId: 'z', workerId: 'w', part: '0' };
  const others = (['runId', 'zoneId', 'workerId', 'part'] as const).map((name) => ({ ...one, [name]: 'x' }));
  const all = [one, { ...one, kind: 'plan' as const }, ...others].map(shardContext);
  expect(new Set(all).size).toBe(all.length);
});
