import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { has } from '../../../test/lab/have.ts';
import { generateKey } from '../../../test/lab/keys.ts';
import { matchesHost, parseKnownHosts } from './knownHosts.ts';

const key = generateKey();
const other = generateKey('ecdsa');

function entriesFor(text: string, host: string, port = 22) {
  return parseKnownHosts(text).entries.filter((entry) => matchesHost(entry, host, port));
}

describe('known_hosts', () => {
  it('reads names, ports, markers and comments', () => {
    const { entries, problems } = parseKnownHosts(
      [
        '# ours',
        '',
        `web-01,10.0.0.1 ${key.publicLine} a comment`,
        `@revoked * ${other.publicLine}`,
        `[db]:2222 ${key.publicLine}\r`,
      ].join('\n'),
    );
    expect(problems).toEqual([]);
    expect(entries.map(({ line, marker, type }) => [line, marker, type])).toEqual([
      [3, undefined, 'ssh-ed25519'],
      [4, 'revoked', 'ecdsa-sha2-nistp256'],
      [5, undefined, 'ssh-ed25519'],
    ]);
    expect(entries[0]?.key).toBe(key.key);
  });

  it('matches patterns, negations and ports as OpenSSH does', () => {
    const text = `*.example.org,!bad.example.org,10.0.0.? ${key.publicLine}`;
    expect(entriesFor(text, 'web.example.org')).toHaveLength(1);
    expect(entriesFor(text, 'WEB.Example.Org')).toHaveLength(1);
    expect(entriesFor(text, 'bad.example.org')).toHaveLength(0);
    expect(entriesFor(text, '10.0.0.7')).toHaveLength(1);
    expect(entriesFor(text, '10.0.0.70')).toHaveLength(0);
    expect(entriesFor(text, 'web.example.org', 2222)).toHaveLength(0);
    expect(entriesFor(`[web.example.org]:2222 ${key.publicLine}`, 'web.example.org', 2222)).toHaveLength(1);
    expect(entriesFor(`!x ${key.publicLine}`, 'y')).toHaveLength(0);
  });

  it('names line and fault of what it cannot use, and keeps the rest', () => {
    const lines = [
      `@cert-authority *.example.org ${key.publicLine}`,
      `@maybe host ${key.publicLine}`,
      'host ssh-ed25519',
      'host ssh-ed25519 not*base64',
      `host ssh-rsa ${key.key}`,
      'host 1024 65537 1234567890',
      `|2|abc|def ${key.publicLine}`,
      `good ${key.publicLine}`,
    ];
    const { entries, problems } = parseKnownHosts(lines.join('\n'));
    expect(problems.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(problems[0]?.message).toMatch(/certificates/);
    expect(entries.map(({ line }) => line)).toEqual([8]);
  });

  it('survives any text, and no pattern makes it slow', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 40 }), (text, host) => {
        for (const entry of parseKnownHosts(text).entries) matchesHost(entry, host, 22);
        const joined = text.replaceAll(/\s|,/g, '*') || '*';
        for (const entry of parseKnownHosts(`${joined} ${key.publicLine}`).entries) matchesHost(entry, host, 22);
      }),
    );
    // Exponential in a naive matcher: it would not come back.
    expect(entriesFor(`${'*a'.repeat(60)}b ${key.publicLine}`, 'a'.repeat(5000))).toHaveLength(0);
  });

  it.skipIf(!has('sshKeygen'))('agrees with ssh-keygen on hashed names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'omanager-known-hosts-'));
    try {
      const file = join(folder, 'known_hosts');
      writeFileSync(file, `web-01,10.0.0.1 ${key.publicLine}\n[db]:2222 ${other.publicLine}\n`);
      execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
      const text = readFileSync(file, 'utf8');
      expect(text).not.toContain('web-01');
      const found = (host: string, port: number) => entriesFor(text, host, port).map((entry) => entry.key);
      expect(found('web-01', 22)).toEqual([key.key]);
      expect(found('10.0.0.1', 22)).toEqual([key.key]);
      expect(found('db', 2222)).toEqual([other.key]);
      expect(found('db', 22)).toEqual([]);
      expect(found('web-02', 22)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
