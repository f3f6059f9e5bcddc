import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { bytesOf, type Gathered } from './gather.ts';
import { logName } from './writers.ts';

/** Parts are handed to the browser as blobs of this size: it may keep those outside the page's memory. */
const blobBytes = 4 * 1024 * 1024;

/** An archive: one log for each server that wrote something, byte for byte, and `files` of text. */
export async function zipOf(
  logs: AsyncIterable<Gathered>,
  files: () => readonly { name: string; text: string }[],
): Promise<Blob> {
  const blobs: Blob[] = [];
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let failed: Error | null = null;
  const archive = new Zip((error, part) => {
    if (error) failed = error;
    parts.push(new Uint8Array(part));
    bytes += part.length;
    if (bytes < blobBytes) return;
    blobs.push(new Blob(parts));
    parts = [];
    bytes = 0;
  });
  for await (const { host, chunks } of logs) {
    if (chunks.length === 0) continue;
    const entry = new ZipDeflate(logName(host), { level: 6 });
    archive.add(entry);
    for (const chunk of chunks) entry.push(bytesOf(chunk));
    entry.push(new Uint8Array(0), true);
  }
  for (const { name, text } of files()) {
    const entry = new ZipPassThrough(name);
    archive.add(entry);
    entry.push(new TextEncoder().encode(text), true);
  }
  archive.end();
  if (failed) throw failed;
  return new Blob([...blobs, ...parts], { type: 'application/zip' });
}
