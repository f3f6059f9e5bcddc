import { type Client, fromBase64 } from '@omanager/client';

export type Preview = { kind: 'text'; encoding: Encoding; lines: readonly string[]; cut: boolean } | { kind: 'binary' };

const encodings = ['UTF-8', 'GB18030'] as const;
type Encoding = (typeof encodings)[number];

/** So much of a file is shown. */
export const previewBytes = 1024 * 1024;
/** A browser draws no taller page. */
const mostLines = 200_000;

/** The beginning of a file as text. */
export async function previewOf(
  client: Client,
  { host, path }: { host: string; path: string },
  signal: AbortSignal,
): Promise<Preview> {
  const bytes = new Uint8Array(previewBytes);
  let length = 0;
  let cut = false;
  for await (const { data } of client.stream('files.read', { host, path }, { signal })) {
    const piece = fromBase64(data);
    const fits = piece.subarray(0, previewBytes - length);
    bytes.set(fits, length);
    length += fits.length;
    cut = fits.length < piece.length;
    if (cut) break;
  }
  return readPreview(bytes.subarray(0, length), cut);
}

/** UTF-8, else GB18030 where it fits; what has a NUL in it, or control characters all over, is no text. */
export function readPreview(bytes: Uint8Array, cut: boolean): Preview {
  if (bytes.includes(0)) return { kind: 'binary' };
  for (const encoding of encodings) {
    const text = textOf(bytes, encoding, cut);
    if (text === null || isNoise(text)) continue;
    const lines = text.split(/\r\n|\n/, mostLines + 1);
    return { kind: 'text', encoding, lines: lines.slice(0, mostLines), cut: cut || lines.length > mostLines };
  }
  return { kind: 'binary' };
}

/** The last character may be cut in two: that is no fault of the file. */
function textOf(bytes: Uint8Array, encoding: Encoding, cut: boolean): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

/** Colours of a log have an ESC or two: those do not count. */
function isNoise(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
  const strange = text.match(/[\u0001-\u0008\u000b\u000e-\u001a\u001c-\u001f\u007f]/g)?.length ?? 0;
  return strange * 20 > text.length;
}
