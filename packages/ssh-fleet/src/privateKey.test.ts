import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../../../test/lab/have.ts';
import { parsePrivateKey } from './credentials.ts';
import { fingerprint } from './hostKeys.ts';
import { readPrivateKey } from './privateKey.ts';

const passphrase = 'correct horse';
const forms: Record<string, string[]> = {
  'ed25519 in OpenSSH form': ['-t', 'ed25519'],
  'ecdsa in OpenSSH form': ['-t', 'ecdsa', '-b', '384'],
  'rsa in OpenSSH form': ['-t', 'rsa', '-b', '2048'],
  'rsa in PEM form': ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
};

describe.skipIf(!has('sshKeygen'))('reading a private key', () => {
  let dir: string;
  const signal = AbortSignal.timeout(60_000);
  let count = 0;

  function generate(args: string[], secret: string): { text: string; publicText: string; fingerprint: string } {
    const file = join(dir, `key${count++}`);
    execFileSync('ssh-keygen', ['-q', ...args, '-N', secret, '-f', file]);
    const printed = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' });
    return {
      text: readFileSync(file, 'utf8'),
      publicText: readFileSync(`${file}.pub`, 'utf8'),
      fingerprint: printed.split(' ')[1] ?? '',
    };
  }

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'omanager-keys-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each(Object.entries(forms))('%s: takes the passphrase off, same key', async (_name, args) => {
    const key = generate(args, passphrase);
    const read = await readPrivateKey(key.text, passphrase, signal);
    if (!read.ok) throw new Error(read.problem);
    expect(read.fingerprint).toBe(key.fingerprint);
    const plain = parsePrivateKey(read.privateKey);
    if (!plain) throw new Error('the key without its passphrase cannot be read');
    expect(fingerprint(plain.getPublicSSH())).toBe(key.fingerprint);
    const message = Buffer.from('signed with the private half');
    expect(plain.verify(message, plain.sign(message))).toBe(true);
  });

  it('keeps the text of a key without passphrase', async () => {
    const key = generate(['-t', 'ed25519'], '');
    expect(await readPrivateKey(key.text, undefined, signal)).toMatchObject({
      ok: true,
      type: 'ssh-ed25519',
      privateKey: key.text,
    });
  });

  it('reads a key that was pasted with spaces around it or with line ends of Windows', async () => {
    const key = generate(['-t', 'ed25519'], '');
    const locked = generate(['-t', 'rsa', '-b', '2048', '-m', 'PEM'], passphrase);
    const pasted = (text: string) => `\n  ${text.replaceAll('\n', '\r\n').trim()}`;
    expect(await readPrivateKey(pasted(key.text), undefined, signal)).toMatchObject({ ok: true, privateKey: key.text });
    expect(await readPrivateKey(pasted(locked.text), passphrase, signal)).toMatchObject({
      ok: true,
      fingerprint: locked.fingerprint,
    });
  });

  it('says what is wrong', async () => {
    const key = generate(['-t', 'ed25519'], passphrase);
    const pem = generate(['-t', 'rsa', '-b', '2048', '-m', 'PEM'], passphrase);
    const said = async (text: string, secret?: string) => {
      const read = await readPrivateKey(text, secret, signal);
      return read.ok ? 'ok' : read.problem;
    };
    expect(await said(key.text)).toBe('needs_passphrase');
    expect(await said(key.text, 'wrong')).toBe('wrong_passphrase');
    expect(await said(pem.text)).toBe('needs_passphrase');
    expect(await said(pem.text, 'wrong')).toBe('wrong_passphrase');
    expect(await said(key.publicText)).toBe('public_key');
    expect(await said('not a key')).toBe('unreadable');
    expect(await said(key.text.slice(0, 120), passphrase)).toBe('unreadable');
  });

  it('leaves the event loop free, and ends when told', async () => {
    const slow = generate(['-t', 'ed25519', '-a', '200'], passphrase);
    const stop = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks === 5) stop.abort(new Error('told to stop'));
    }, 10);
    await expect(readPrivateKey(slow.text, passphrase, stop.signal)).rejects.toThrow('told to stop');
    clearInterval(timer);
  });
});
