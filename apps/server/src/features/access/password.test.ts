import { argon2Sync } from 'node:crypto';
import { OmError } from '@omanager/contract';
import { describe, expect, it } from 'vitest';
import { createPasswords } from './password.ts';

const { signal } = new AbortController();

describe('passwords', () => {
  it('become PHC strings that verify, salted', async () => {
    const passwords = createPasswords();
    const [one, two] = [await passwords.hash('correct horse', signal), await passwords.hash('correct horse', signal)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, 'correct horse', signal)).toEqual({ right: true, outdated: false });
    expect(await passwords.verify(one, 'Correct horse', signal)).toEqual({ right: false, outdated: false });
  });

  it('are the same however the keyboard composed them', async () => {
    const passwords = createPasswords();
    const hash = await passwords.hash('caf\u00e9 au lait', signal);
    expect((await passwords.verify(hash, 'cafe\u0301 au lait', signal)).right).toBe(true);
  });

  it('verify with the parameters they were made with, and say that these are outdated', async () => {
    const nonce = Buffer.from('somesaltsomesalt');
    const parameters = { message: 'old', nonce, parallelism: 2, tagLength: 32, memory: 1024, passes: 3 };
    const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const phc = `$argon2id$v=19$m=1024,t=3,p=2$${base64(nonce)}$${base64(argon2Sync('argon2id', parameters))}`;
    expect(await createPasswords().verify(phc, 'old', signal)).toEqual({ right: true, outdated: true });
  });

  it('are wrong for nobody, and a damaged hash is an error, not a yes', async () => {
    const passwords = createPasswords();
    expect((await passwords.verify(null, 'anything', signal)).right).toBe(false);
    for (const damaged of ['', '$argon2id$v=19$m=19456,t=2,p=1$AAAA$', '$2b$10$abcdefghijklmnopqrstuv']) {
      await expect(passwords.verify(damaged, '', signal)).rejects.toThrow('damaged');
    }
  });

  it('are computed two at a time; beyond 32 waiting the server says that it is busy', async () => {
    const passwords = createPasswords();
    const tries = Array.from({ length: 100 }, () =>
      passwords.verify(null, 'x', signal).then(
        () => 'computed',
        (error: unknown) => (error instanceof OmError ? error.code : 'other'),
      ),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === 'computed')).toHaveLength(34);
    expect(outcomes.filter((outcome) => outcome === 'BUSY')).toHaveLength(66);
    expect((await passwords.verify(null, 'x', signal)).right).toBe(false);
  });

  it('are not computed for a caller who went away', async () => {
    const passwords = createPasswords();
    const gone = new AbortController();
    const busy = [passwords.verify(null, 'x', signal), passwords.verify(null, 'x', signal)];
    const waiting = passwords.verify(null, 'x', gone.signal);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await Promise.all(busy);
    expect((await passwords.verify(null, 'x', signal)).right).toBe(false);
  });
});
