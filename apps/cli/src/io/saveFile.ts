import { open, rm } from 'node:fs/promises';
import { CliError } from '../errors.ts';

/**
 * Writes these bytes to a new file that only its owner can read, and gives their number. A file that is there already
 * is left alone; when the bytes do not come whole, nothing stays behind.
 */
export async function saveNew(path: string, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => failed(path, error));
  try {
    let bytes = 0;
    for await (const part of parts) {
      await file.writeFile(part);
      bytes += part.length;
    }
    await file.close();
    return bytes;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(path, { force: true });
    throw error;
  }
}

function failed(path: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'EEXIST') throw new CliError(`${path} is there already and is not overwritten; choose another name.`);
  throw new CliError(`Cannot write ${path}: ${code === 'ENOENT' ? 'there is no such folder' : code}.`);
}
