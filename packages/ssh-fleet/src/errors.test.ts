import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectError, remoteText, type SshErrorReason } from './errors.ts';

const failure = (fields: object) => Object.assign(new Error('some text'), fields);

describe('a failed connect', () => {
  it.each<[object, 'transport' | 'auth', SshErrorReason]>([
    [{ code: 'ENOTFOUND', level: 'client-socket' }, 'transport', 'dns'],
    [{ level: 'client-dns' }, 'transport', 'dns'],
    [{ code: 'ECONNREFUSED', level: 'client-socket' }, 'transport', 'refused'],
    [{ code: 'EHOSTUNREACH' }, 'transport', 'refused'],
    [{ code: 'ETIMEDOUT' }, 'transport', 'timeout'],
    [{ level: 'client-timeout' }, 'auth', 'timeout'],
    [{ level: 'client-authentication' }, 'auth', 'auth_failed'],
    [{ code: 2 }, 'auth', 'auth_failed'],
    [{ code: 2 }, 'transport', 'refused'],
    [{ code: 12 }, 'auth', 'refused'],
    [{ level: 'protocol' }, 'transport', 'refused'],
    [{ code: 'ECONNRESET', level: 'client-socket' }, 'auth', 'refused'],
  ])('%j while in %s is %s', (fields, phase, reason) => {
    const error = connectError(failure(fields), 'web-01:22', phase);
    expect(error.reason).toBe(reason);
    expect(error.message).toContain('web-01:22');
  });

  it('never lets a server’s text act on a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const shown = remoteText(text);
        expect(shown.length).toBeLessThanOrEqual(200);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
    expect(remoteText('a\u001b]52;c;x\u0007b\u202ec')).toBe('a ]52;c;x b c');
  });
});
