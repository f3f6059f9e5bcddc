import { createPrivateKey, randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import ssh2, { type ParsedKey } from 'ssh2';
import { fingerprint } from './hostKeys.ts';
import type { PrivateKeyProblem, ReadPrivateKey } from './privateKey.ts';

/** Runs in a worker thread: an encrypted key costs 0.3 to 2 s of pure JavaScript (bcrypt) to open. */
function read({ text: given, passphrase }: { text: string; passphrase: string | undefined }): ReadPrivateKey {
  // Pasted text comes with spaces around it, or with the line ends of Windows.
  const text = `${given.trim().replaceAll('\r\n', '\n')}\n`;
  const plain = parse(text);
  if (plain) return describe(plain, text);
  if (!isEncrypted(text)) return problem('unreadable');
  if (passphrase === undefined) return problem('needs_passphrase');
  const key = parse(text, passphrase);
  return key ? describe(key, withoutPassphrase(key)) : problem('wrong_passphrase');
}

function parse(text: string, passphrase?: string): ParsedKey | undefined {
  const outcome = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(outcome) ? outcome[0] : outcome;
  return key instanceof Error ? undefined : key;
}

function describe(key: ParsedKey, privateKey: string): ReadPrivateKey {
  if (!key.isPrivateKey()) return problem('public_key');
  return { ok: true, type: key.type, fingerprint: fingerprint(key.getPublicSSH()), privateKey };
}

function problem(code: PrivateKeyProblem): ReadPrivateKey {
  return { ok: false, problem: code };
}

/** Does it say that it is encrypted? Formats: PEM (RFC 1421), PKCS#8, PuTTY, openssh-key-v1 (OpenSSH's PROTOCOL.key). */
function isEncrypted(text: string): boolean {
  if (/^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY/m.test(text)) return true;
  if (/^Encryption: (?!none)/m.test(text)) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  const bytes = Buffer.from(body ?? '', 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return false;
  return bytes.toString('latin1', magic.length + 4, magic.length + 8) !== 'none';
}

/** The same key in a form that opens at once. ssh2 writes ed25519 keys in a form that it cannot read, so that one is ours. */
function withoutPassphrase(key: ParsedKey): string {
  const pem = key.getPrivatePEM();
  return key.type === 'ssh-ed25519' ? opensshEd25519(pem) : pem;
}

/** openssh-key-v1 without encryption, as in OpenSSH's PROTOCOL.key. */
function opensshEd25519(pem: string): string {
  const jwk = createPrivateKey(pem).export({ format: 'jwk' });
  const seed = Buffer.from(jwk.d ?? '', 'base64url');
  const publicKey = Buffer.from(jwk.x ?? '', 'base64url');
  const check = randomBytes(4);
  const section = [
    check,
    check,
    field('ssh-ed25519'),
    field(publicKey),
    field(Buffer.concat([seed, publicKey])),
    field(''),
  ];
  const length = section.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (length % 8)) % 8));
  const wire = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[field('none'), field('none'), field('')],
    Buffer.from([0, 0, 0, 1]),
    field(Buffer.concat([field('ssh-ed25519'), field(publicKey)])),
    field(Buffer.concat([...section, padding])),
  ]);
  const lines = wire.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

parentPort?.postMessage(read(workerData));
