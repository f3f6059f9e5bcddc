import type { OfferedHostKey } from './types.ts';

/** Why a host could not be reached, or why a channel on it ended. Stable codes; see docs of the `unreachable` state. */
export type SshErrorReason =
  | 'dns'
  | 'refused'
  | 'timeout'
  | 'auth_failed'
  | 'host_key_unknown'
  | 'host_key_changed'
  | 'jump_failed'
  | 'closed'
  | 'channel_refused';

interface SshErrorDetails {
  /** Which jump host failed, counted from 1; absent when it was the target itself. */
  hop?: number | undefined;
  /** The key the server offered, for `host_key_unknown` and `host_key_changed`. */
  offered?: OfferedHostKey | undefined;
  cause?: unknown;
}

/** The one error of this package for everything a remote side or the network does. The message tells the operator what to do. */
export class SshError extends Error {
  override readonly name = 'SshError';
  readonly reason: SshErrorReason;
  readonly hop: number | undefined;
  readonly offered: OfferedHostKey | undefined;

  constructor(reason: SshErrorReason, message: string, details: SshErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = reason;
    this.hop = details.hop;
    this.offered = details.offered;
  }
}

/** Text that came from the network, made safe and short enough to stand in a message. */
export function remoteText(text: string): string {
  // Control and format characters could move a terminal's cursor or reorder what the operator reads.
  return text
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

interface LibraryError {
  message: string;
  code: string | number | undefined;
  level: string | undefined;
}

/** Reads the fields ssh2 and node:net put on their errors, whatever was thrown. */
export function readError(error: unknown): LibraryError {
  if (typeof error !== 'object' || error === null) return { message: String(error), code: undefined, level: undefined };
  const message = 'message' in error && typeof error.message === 'string' ? error.message : 'unknown error';
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined;
  const level = 'level' in error && typeof error.level === 'string' ? error.level : undefined;
  return { message, code, level };
}

const dnsCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);
// RFC 4253, 11.1. OpenSSH ends a session with PROTOCOL_ERROR after too many failed sign-ins.
const authDisconnects = new Set<string | number>([2, 13, 14, 15]);

/** Where a connection attempt stood when it failed. */
export type ConnectPhase = 'transport' | 'auth';

/** Turns a failed connection attempt into its reason, by code and level and never by message text. */
export function connectError(error: unknown, where: string, phase: ConnectPhase): SshError {
  const { code, level, message } = readError(error);
  const make = (reason: SshErrorReason, text: string) => new SshError(reason, text, { cause: error });
  if (level === 'client-dns' || (typeof code === 'string' && dnsCodes.has(code)))
    return make('dns', `The name in ${where} does not resolve. Check the host's address and this machine's DNS.`);
  if (level === 'client-timeout' || code === 'ETIMEDOUT')
    return make('timeout', `${where} did not answer in time. Check the address, the firewall and that the host is up.`);
  if (level === 'client-authentication' || (phase === 'auth' && code !== undefined && authDisconnects.has(code)))
    return make('auth_failed', `${where} refused the sign-in. Check the user name and the credential.`);
  if (code === 'ECONNREFUSED')
    return make('refused', `${where} refused the connection. Check the port and that sshd is running.`);
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL')
    return make('refused', `There is no network route to ${where}. Check the address and the zone.`);
  const during = phase === 'auth' ? 'during the sign-in' : 'before the handshake was complete';
  return make(
    'refused',
    `${where} ended the connection ${during} (${remoteText(message)}). Check that an SSH server listens there and that its MaxStartups and allow lists let this machine in.`,
  );
}
