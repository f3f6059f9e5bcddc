import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, matchTotp, totpCode, totpStep, totpUri } from './totp.ts';

const seed = Buffer.from('12345678901234567890');

describe('one-time codes', () => {
  // RFC 6238, appendix B (SHA-1); its codes have eight digits, ours are the last six.
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('at %i s are those of the standard', (seconds, code) => {
    expect(totpCode(seed, totpStep(seconds * 1000))).toBe(code.slice(2));
  });

  it('are right for one step to either side, never for a step that was taken', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1e12, max: 2e12 }),
        fc.integer({ min: -3, max: 3 }),
        fc.boolean(),
        (at, off, used) => {
          const step = totpStep(at) + off;
          const found = matchTotp(seed, totpCode(seed, step), at, used ? step : 0);
          // Two steps may share a code by chance; then the one that was found is still in the window and unused.
          if (found !== null && found !== step) return expect(totpCode(seed, found)).toBe(totpCode(seed, step));
          expect(found).toBe(Math.abs(off) <= 1 && !used ? step : null);
        },
      ),
    );
  });

  it('refuse what is not a code', () => {
    const right = totpCode(seed, totpStep(1e12));
    for (const code of ['', right.slice(1), `${right}0`, ` ${right}`, 'abcdef', '１２３４５６']) {
      expect(matchTotp(seed, code, 1e12, 0)).toBeNull();
    }
  });

  it('reach the app by a URI', () => {
    expect(totpUri('小明', seed)).toBe(
      'otpauth://totp/OManager%3A%E5%B0%8F%E6%98%8E?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=OManager&algorithm=SHA1&digits=6&period=30',
    );
    // RFC 4648, section 10, without padding.
    expect(['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => base32(Buffer.from(text)))).toEqual([
      ...['MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI'],
    ]);
  });
});
