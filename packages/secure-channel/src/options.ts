import { ChannelError } from './errors.ts';
import { encodeMetadata, type Metadata } from './metadata.ts';
import type { Primitives } from './primitives.ts';
import { tweetnaclPrimitives } from './tweetnaclPrimitives.ts';
import { type Bytes, maxHandshakeBytes } from './wire.ts';

/** Largest payload of one MESSAGE where nothing else is said: 1 MiB. */
export const defaultMaxPayload = 1024 * 1024;

/** What client and server options have in common. */
export interface CommonOptions {
  /** Sent to the peer, sealed, at the end of the handshake. Small: the whole command must fit in 1 KiB. */
  metadata?: Metadata | undefined;
  /** Default: tweetnacl. */
  crypto?: Primitives | undefined;
  /** Largest payload either way, in bytes; both ends should agree. Default 1 MiB. */
  maxPayload?: number | undefined;
}

/** Fills in the defaults and checks the rest, so that a mistake shows at once and not in the middle of a handshake. */
export function readOptions(
  options: CommonOptions,
  frameBytes: number,
): { crypto: Primitives; maxPayload: number; metadata: Bytes } {
  const maxPayload = options.maxPayload ?? defaultMaxPayload;
  if (!Number.isSafeInteger(maxPayload) || maxPayload < 0) {
    throw new ChannelError('bad_input', 'maxPayload is a number of bytes, 0 or more');
  }
  return {
    crypto: options.crypto ?? tweetnaclPrimitives,
    maxPayload,
    metadata: encodeMetadata(options.metadata ?? {}, maxHandshakeBytes - frameBytes),
  };
}
