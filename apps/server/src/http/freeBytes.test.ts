import { expect, it } from 'vitest';
import { freeBytes } from './freeBytes.ts';

it('frees what is large and its own, and touches nothing that others share', () => {
  const large = Buffer.concat([Buffer.alloc(100_000, 1), Buffer.from('}}')]);
  freeBytes(large);
  expect(large.length).toBe(0);
  const small = Buffer.from('small');
  const part = Buffer.alloc(200_000, 1).subarray(0, 100_000);
  for (const bytes of [small, part]) {
    const before = bytes.length;
    freeBytes(bytes);
    expect(bytes).toHaveLength(before);
  }
});
