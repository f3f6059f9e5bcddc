import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { bytesOf, type Gathered } from './gather.ts';
import { logName } from './writers.ts';

/** An archive, part by part: one log for each server that wrote something, byte for byte, and `files` of text. */
export async function* zipParts(
  logs: AsyncIterable<Gathered>,
  files: () => readonly { name: string; text: string }[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let failed: Error | null = null;
  const archive = new Zip((error, part) => {
    if (error) failed = error;
    parts.push(new Uint8Array(part));
  });
  function* ready(): Generator<Uint8Array<ArrayBuffer>> {
    if (failed) throw failed;
    yield* parts;
    parts = [];
  }
  for await (const { host, chunks } of logs) {
    if (chunks.length === 0) continue;
    const entry = new ZipDeflate(logName(host), { level: 6 });
    archive.add(entry);
    for (const chunk of chunks) {
      entry.push(bytesOf(chunk));
      yield* ready();
    }
    entry.push(new Uint8Array(0), true);
  }
  for (const { name, text } of files()) {
    const entry = new ZipPassThrough(name);
    archive.add(entry);
    entry.push(new TextEncoder().encode(text), true);
  }
  archive.end();
  yield* ready();
}
