import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeartbeat } from './heartbeat.ts';

describe('what a heartbeat says', () => {
  it('is read by name', () => {
    expect(readHeartbeat('version=1.1.0 waiting=0 kib=4 bound=65536 lost=2 offset=-7')).toEqual({
      ...{ version: '1.1.0', waiting: 0, kib: 4, bound: 65_536, lost: 2, offset: -7 },
    });
  });

  it.each([
    ['nothing', ''],
    ['names that are not known', 'more=1 __proto__=2 constructor=3 toString=4'],
    ['numbers that are none', 'waiting=-1 kib=1.5 lost=x bound=1e99 offset='],
  ])('is nothing where there is %s', (_what, text) => {
    expect(readHeartbeat(text)).toEqual({});
  });

  it('is something for any text', () => {
    const pieces = fc.constantFrom('version', 'waiting', 'offset', '=', ' ', '-', '9', 'Infinity', '\u0000', '漢');
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        for (const value of Object.values(readHeartbeat(parts.join(''))))
          if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });
});
