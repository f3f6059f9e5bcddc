import { expect, it } from 'vitest';
import { hashOf, rangeOf } from './lineHash.ts';

it('reads back what it wrote', () => {
  for (const range of [
    { from: 1, to: 1 },
    { from: 120, to: 140 },
  ])
    expect(rangeOf(hashOf(range))).toEqual(range);
});

it('takes nothing else for lines', () => {
  for (const hash of ['', '#L0', '#L5-L3', '#L', '#L1x', '#content', '#L1-5', '#L9999999999'])
    expect(rangeOf(hash)).toBeNull();
});
