import { createHmac, timingSafeEqual } from 'node:crypto';

/** Time-based one-time codes: RFC 6238 with SHA-1, 30 s, 6 digits, which every authenticator app knows. */
export const totpSeedBytes = 20;
const stepMs = 30_000;

export function totpStep(atMs: number): number {
  return Math.floor(atMs / stepMs);
}

/** The code of one step (HOTP, RFC 4226 section 5.3). */
export function totpCode(seed: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, '0');
}

/** The step this code belongs to, now or one step to either side and later than `lastStep`; null when none. */
export function matchTotp(seed: Uint8Array, code: string, atMs: number, lastStep: number): number | null {
  const now = totpStep(atMs);
  if (!/^[0-9]{6}$/.test(code)) return null;
  const typed = Buffer.from(code);
  for (const step of [now - 1, now, now + 1]) {
    if (step > lastStep && timingSafeEqual(Buffer.from(totpCode(seed, step)), typed)) return step;
  }
  return null;
}

/** What the authenticator app reads from the QR code. */
export function totpUri(userName: string, seed: Uint8Array): string {
  const label = encodeURIComponent(`OManager:${userName}`);
  return `otpauth://totp/${label}?secret=${base32(seed)}&issuer=OManager&algorithm=SHA1&digits=6&period=30`;
}

/** RFC 4648 base32 without padding. */
export function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}
