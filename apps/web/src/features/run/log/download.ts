import { type Client, fromBase64 } from '@omanager/client';

/** What a page keeps of one output; more is for `om`, which writes to disk as it reads. */
export const mostBytes = 64 * 1024 * 1024;

/** The stored output of one server as it was written, both streams in their order; `cut` when it is longer than kept. */
export async function rawOutput(
  client: Client,
  host: { runId: string; ordinal: number; attempt: number },
  signal: AbortSignal,
): Promise<{ blob: Blob; cut: boolean }> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for (let after = 0, more = true; more; ) {
    const page = await client.call('runs.output', { ...host, after, maxBytes: 1_048_576 }, { signal });
    for (const { data, seq } of page.chunks) {
      const part = fromBase64(data);
      parts.push(part);
      bytes += part.length;
      after = seq;
    }
    more = page.more && page.chunks.length > 0;
    if (bytes > mostBytes) return { blob: new Blob(parts), cut: more };
  }
  return { blob: new Blob(parts), cut: false };
}

/** Gives a file to the person. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
