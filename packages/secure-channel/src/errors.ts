/** Every way a channel can refuse. The codes are stable; messages are for people. docs/protocol.md lists them all. */
export type ChannelErrorCode =
  | 'bad_input' // something other than bytes, or an unusable option
  | 'bad_size'
  | 'bad_name'
  | 'bad_version'
  | 'bad_padding'
  | 'bad_key'
  | 'bad_box'
  | 'bad_cookie'
  | 'bad_counter'
  | 'bad_vouch'
  | 'bad_metadata'
  | 'bad_flags'
  | 'bad_error' // a malformed ERROR command
  | 'wrong_state'
  | 'too_large'
  | 'refused' // authorize said no
  | 'authorize_failed' // authorize threw
  | 'peer_error' // the peer sent ERROR; its words are in `reason`, and anybody on the path may have written them
  | 'exhausted' // 2^53 messages were sealed
  | 'internal'
  | 'dead';

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
