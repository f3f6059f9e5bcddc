import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OmError } from './errors.ts';
import { compressRanges, expandRanges } from './hostRange.ts';
import { hostNameSchema } from './models/inventory.ts';

const hostName = fc
  .array(
    fc.oneof(
      fc.constantFrom('web-', 'db', 'hk.', '_', '京'),
      fc.stringMatching(/^\d{1,3}$/),
      fc.stringMatching(/^\d{14,18}$/),
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''))
  .filter((name) => hostNameSchema.safeParse(name).success);

it('gives back exactly the names that were compressed', () => {
  fc.assert(
    fc.property(fc.array(hostName, { minLength: 1, maxLength: 60 }), (names) => {
      expect(expandRanges(compressRanges(names)).toSorted()).toEqual([...new Set(names)].toSorted());
    }),
  );
});

it('does not depend on the order of the names', () => {
  fc.assert(
    fc.property(fc.uniqueArray(hostName, { maxLength: 30 }), (names) => {
      expect(compressRanges(names.toReversed())).toBe(compressRanges(names));
    }),
  );
});

it.each([
  ['web-[01-03,07]', ['web-01', 'web-02', 'web-03', 'web-07']],
  ['web-[8-11]', ['web-8', 'web-9', 'web-10', 'web-11']],
  ['r[1-2]-[01-02].hk', ['r1-01.hk', 'r1-02.hk', 'r2-01.hk', 'r2-02.hk']],
  ['db-1,web-[1-2]', ['db-1', 'web-1', 'web-2']],
  ['web-[1-2,2]', ['web-1', 'web-2']],
  ['plain', ['plain']],
])('expands %s', (text, names) => {
  expect(expandRanges(text)).toEqual(names);
});

it.each([
  [Array.from({ length: 38 }, (_, i) => `web-${String(i + 1).padStart(2, '0')}`), 'web-[01-38]'],
  [['web-9', 'web-10', 'web-11', 'db-1'], 'db-1,web-[9-11]'],
  [['a-098', 'a-099', 'a-100'], 'a-[098-100]'],
  [['r1-a1', 'r1-a2', 'r2-a1', 'r2-a2'], 'r[1-2]-a[1-2]'],
  [['a-1', 'a-3'], 'a-[1,3]'],
  [['solo'], 'solo'],
  [[], ''],
])('compresses %j', (names, text) => {
  expect(compressRanges(names)).toBe(text);
});

it.each([
  ['web-[1-', 4],
  ['web-[]', 5],
  ['web-[1,x]', 7],
  ['web-[5-1]', 5],
  ['web]', 3],
  [',a', 0],
  ['a,', 2],
  ['', 0],
  ['a,b-[1-99999]', 2],
  [`a-[1-${'9'.repeat(16)}]`, 3],
  ['x'.repeat(201), 0],
])('points at the mistake in %s', (text, position) => {
  const error = (() => {
    try {
      return expandRanges(text);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(OmError);
  expect(error).toMatchObject({ code: 'SELECTOR_INVALID', details: { position } });
});

it('refuses a product of brackets before making it', () => {
  expect(() => expandRanges(`${'[1-999]'.repeat(30)}`)).toThrow('more than 10000 servers');
});
