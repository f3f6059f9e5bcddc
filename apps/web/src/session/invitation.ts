import { parseInvite } from '@omanager/client';
import { encodeKey } from '@omanager/secure-channel';
import { fingerprintOf } from './fingerprint.ts';
import type { Invitation } from './port.ts';
import type { Profiles } from './profile.ts';

/** Where this page came from: what `location` says. */
export interface PageAddress {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

const fragment = /^#([A-Za-z0-9_-]{43}(?:\.[A-Za-z0-9_-]{20,200})?)$/;
const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** `https://host/#<key>.<code>` as the omanager:// link it stands for; null when the fragment is something else. */
export function inviteOfPage(hash: string, page: PageAddress): string | null {
  const invite = fragment.exec(hash)?.[1];
  if (invite === undefined) return null;
  const tls = page.protocol === 'https:';
  return `omanager://${page.hostname}:${portOf(page)}/${tls ? '?tls=1' : ''}#${invite}`;
}

/** Reads a link, also one that is written as the address of a page. Throws `INVITE_INVALID`. */
export async function readInvitation(
  text: string,
  page: PageAddress,
  profiles: Pick<Profiles, 'list' | 'get'>,
): Promise<Invitation> {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) && /^https?:/.test(trimmed) ? new URL(trimmed) : null;
  const link = parseInvite((url && inviteOfPage(url.hash, url)) ?? trimmed);
  const serverKey = encodeKey(link.serverPublicKey);
  const address = `${link.host}:${link.port}`;
  const known = profiles.get(serverKey);
  const code = link.code === null ? '' : `.${link.code}`;
  return {
    address,
    tls: link.tls,
    serverKey,
    fingerprint: await fingerprintOf(link.serverPublicKey),
    code: link.code,
    known,
    conflicting: profiles.list().find((profile) => profile.address === address && profile.id !== serverKey) ?? null,
    elsewhere: isHere(link, page) ? null : `${link.tls ? 'https' : 'http'}://${address}/#${serverKey}${code}`,
  };
}

/** The same host by the same port; a proxy may have put TLS before it. */
function isHere({ host, port }: { host: string; port: number }, page: PageAddress): boolean {
  const sameHost = host.toLowerCase() === page.hostname || (loopback.has(host) && loopback.has(page.hostname));
  return sameHost && port === portOf(page);
}

const portOf = ({ port, protocol }: PageAddress): number => Number(port) || (protocol === 'https:' ? 443 : 80);
