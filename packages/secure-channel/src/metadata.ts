import { ChannelError } from './errors.ts';
import { type Bytes, join } from './wire.ts';

/** What each side says about itself, authenticated, at the end of the handshake. */
export type Metadata = Readonly<Record<string, string>>;

const NAME = /^[A-Za-z0-9\-_.+]{1,255}$/;

/**
 * The CurveZMQ form: for each property one length byte, the name, four length bytes (big endian), the value (UTF-8).
 * Throws `bad_metadata` for a name outside [A-Za-z0-9-_.+]{1,255} or twice, or for more than `maxBytes` in all.
 */
export function encodeMetadata(metadata: Metadata, maxBytes: number): Bytes {
  const parts: Uint8Array[] = [];
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(metadata)) {
    requireName(name, seen);
    if (typeof value !== 'string') throw bad(`${name} is not a string`);
    const valueBytes = new TextEncoder().encode(value);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, valueBytes.length);
    parts.push(Uint8Array.of(name.length), new TextEncoder().encode(name), length, valueBytes);
  }
  const encoded = join(...parts);
  if (encoded.length > maxBytes) throw bad(`the metadata has ${encoded.length} bytes, at most ${maxBytes} fit`);
  return encoded;
}

/** Parses what encodeMetadata writes and nothing else. Names keep the case they were sent in. */
export function decodeMetadata(bytes: Uint8Array): Record<string, string> {
  const metadata: Record<string, string> = {};
  const seen = new Set<string>();
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw bad('a property is cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const [nameLength = 0] = take(1);
    const name = String.fromCharCode(...take(nameLength));
    requireName(name, seen);
    const length = take(4);
    metadata[name] = text(take(new DataView(length.buffer, length.byteOffset, 4).getUint32(0)));
  }
  return metadata;
}

/** Names are equal ignoring case, so a second spelling of one name is a duplicate. */
function requireName(name: string, seen: Set<string>): void {
  const folded = name.toLowerCase();
  if (!NAME.test(name) || folded === '__proto__') throw bad('a property name is not allowed');
  if (seen.has(folded)) throw bad('a property name occurs twice');
  seen.add(folded);
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bad('a property value is not UTF-8');
  }
}

const bad = (what: string): ChannelError => new ChannelError('bad_metadata', `Bad metadata: ${what}`);
