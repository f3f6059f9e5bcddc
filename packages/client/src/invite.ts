import { OmError } from '@omanager/contract';
import { decodeKey, encodeKey } from '@omanager/secure-channel';

/** Where a server is and how to know it; `code` is a one-time invite, null in a link that only names the server. */
export interface InviteLink {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly serverPublicKey: Uint8Array;
  readonly code: string | null;
}

const form = 'omanager://host:port/#<server key>.<code>';

/** Reads an invite link; surrounding white space is ignored. Throws `INVITE_INVALID` and never repeats the code. */
export function parseInvite(text: string): InviteLink {
  const match =
    /^omanager:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*):(\d{1,5})\/?(\?tls=[01])?#([^.]*)(?:\.(.*))?$/.exec(
      text.trim(),
    );
  if (!match) throw bad(`it does not look like ${form}`);
  const [, host = '', port = '', tls, key = '', code] = match;
  if (Number(port) < 1 || Number(port) > 65535) throw bad('its port is not between 1 and 65535');
  if (code !== undefined && !/^[A-Za-z0-9_-]{20,200}$/.test(code)) throw bad('the code after the dot is not whole');
  return { host, port: Number(port), tls: tls === '?tls=1', serverPublicKey: keyOf(key), code: code ?? null };
}

export function formatInvite({ host, port, tls, serverPublicKey, code }: InviteLink): string {
  return `omanager://${host}:${port}/${tls ? '?tls=1' : ''}#${encodeKey(serverPublicKey)}${code === null ? '' : `.${code}`}`;
}

/** The WebSocket address of a server. */
export function webSocketUrl({ host, port, tls }: Pick<InviteLink, 'host' | 'port' | 'tls'>): string {
  return `${tls ? 'wss' : 'ws'}://${host}:${port}/ws`;
}

function keyOf(text: string): Uint8Array {
  try {
    return decodeKey(text);
  } catch {
    throw bad('its server key is not whole: 43 characters after the #');
  }
}

const bad = (why: string): OmError =>
  new OmError('INVITE_INVALID', `This is not an OManager link: ${why}. Copy the whole link again.`);
