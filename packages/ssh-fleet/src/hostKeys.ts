import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { HostKey, HostTrust, OfferedHostKey } from './types.ts';

/**
 * The fingerprint of a public key as OpenSSH prints it: `SHA256:` and unpadded base64.
 * @param key the key's wire form, or its base64 text
 */
export function fingerprint(key: Uint8Array | string): string {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : key;
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}

/** Describes a public key in wire form, whose first string is its type (RFC 4253, 6.6). */
export function describeKey(wire: Uint8Array): OfferedHostKey {
  const bytes = Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength);
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  return {
    type: bytes.toString('latin1', 4, 4 + Math.min(length, 64)),
    key: bytes.toString('base64'),
    fingerprint: fingerprint(bytes),
  };
}

export type TrustVerdict = 'trusted' | 'unknown' | 'changed' | 'revoked';

/** Judges an offered key. Any key on a host of which another key is known, also one of another type, is a changed key. */
export function judgeHostKey(trust: HostTrust, offered: HostKey): TrustVerdict {
  if (trust.revoked.includes(offered.key)) return 'revoked';
  if (trust.keys.length === 0) return 'unknown';
  return trust.keys.some((known) => known.key === offered.key) ? 'trusted' : 'changed';
}

const algorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

function keyTypeOf(algorithm: ServerHostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/**
 * The order in which host key algorithms are offered: the known keys' first, so that a server with several keys
 * shows the one we know. The others follow, so that a server without it shows what it has and is judged.
 */
export function hostKeyAlgorithms(known: readonly HostKey[]): ServerHostKeyAlgorithm[] {
  const types = new Set(known.map((key) => key.type));
  const isKnown = (algorithm: ServerHostKeyAlgorithm) => types.has(keyTypeOf(algorithm));
  return [...algorithms.filter(isKnown), ...algorithms.filter((algorithm) => !isKnown(algorithm))];
}
