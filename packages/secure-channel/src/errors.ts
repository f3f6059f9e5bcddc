/** Every way a channel can refuse. The codes are stable, messages are for people; docs/protocol.md explains each. */
export const channelErrorCodes = [
  'authorize_failed',
  'bad_box',
  'bad_cookie',
  'bad_counter',
  'bad_error',
  'bad_flags',
  'bad_input',
  'bad_key',
  'bad_metadata',
  'bad_name',
  'bad_padding',
  'bad_size',
  'bad_version',
  'bad_vouch',
  'dead',
  'exhausted',
  'internal',
  'peer_error',
  'refused',
  'too_large',
  'wrong_state',
] as const;
export type ChannelErrorCode = (typeof channelErrorCodes)[number];

interface ChannelErrorDetails {
  reply?: Uint8Array<ArrayBuffer> | undefined;
  reason?: string | undefined;
  cause?: unknown;
}

/**
 * The one exception a channel throws. Branch on `code`, never on the message.
 * `reply`, where present, is one last command to send before closing (ERROR "400" for a refused client).
 * `reason` is what an ERROR command said; it is not authenticated, so show it and never act on it.
 */
export class ChannelError extends Error {
  readonly code: ChannelErrorCode;
  readonly reply: Uint8Array<ArrayBuffer> | undefined;
  readonly reason: string | undefined;

  constructor(code: ChannelErrorCode, message: string, details: ChannelErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ChannelError';
    this.code = code;
    this.reply = details.reply;
    this.reason = details.reason;
  }
}
