import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeKey, fingerprint, hostKeyAlgorithms, judgeHostKey } from './hostKeys.ts';

const keyNames = fc.constantFrom('AAAA1', 'AAAA2', 'AAAA3', 'AAAA4');
const keysOf = (names: string[]) => names.map((key) => ({ type: 'ssh-ed25519', key }));

describe('host keys', () => {
  it('are described by type, base64 and fingerprint', () => {
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
    expect(fingerprint(key)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(describeKey(Buffer.from(key, 'base64'))).toEqual({
      type: 'ssh-ed25519',
      key,
      fingerprint: fingerprint(key),
    });
  });

  it('are described without failing, whatever a server sends', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        (wire) => describeKey(wire).key === Buffer.from(wire).toString('base64'),
      ),
    );
  });

  it('are trusted only when known and not revoked; unknown only while none is known', () => {
    fc.assert(
      fc.property(
        fc.array(keyNames),
        fc.array(keyNames),
        keyNames,
        fc.constantFrom('refuse', 'accept'),
        (known, revoked, key, firstUse) => {
          const verdict = judgeHostKey({ keys: keysOf(known), revoked, firstUse }, { type: 'ssh-rsa', key });
          const expected = revoked.includes(key)
            ? 'revoked'
            : known.length === 0
              ? 'unknown'
              : known.includes(key)
                ? 'trusted'
                : 'changed';
          expect(verdict).toBe(expected);
        },
      ),
    );
  });

  it('ask for the known types first, and for all others after them', () => {
    expect(hostKeyAlgorithms([])[0]).toBe('ssh-ed25519');
    expect(hostKeyAlgorithms([{ type: 'ssh-rsa', key: '' }]).slice(0, 3)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
    ]);
    expect(hostKeyAlgorithms([{ type: 'sk-ssh-ed25519@openssh.com', key: '' }])).toEqual(hostKeyAlgorithms([]));
    for (const type of ['ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp256'])
      expect(hostKeyAlgorithms([{ type, key: '' }]).sort()).toEqual(hostKeyAlgorithms([]).sort());
  });
});
