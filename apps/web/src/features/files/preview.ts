import { type Client, fromBase64 } from '@omanager/client';
import { textOfFile } from '../servers/fileText.ts';

export type Preview = { kind: 'text'; text: string; cut: boolean } | { kind: 'binary' };

/** So much of a file is shown. */
export const previewBytes = 512 * 1024;

/** The beginning of a file as text; what has a NUL in it is none. */
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

export function readPreview(bytes: Uint8Array<ArrayBuffer>, cut: boolean): Preview {
  if (bytes.includes(0)) return { kind: 'binary' };
  // To the end of its last whole line: half a character would look like another encoding.
  const end = cut ? bytes.lastIndexOf(10) + 1 || bytes.length : bytes.length;
  return { kind: 'text', text: textOfFile(bytes.slice(0, end).buffer), cut };
}
