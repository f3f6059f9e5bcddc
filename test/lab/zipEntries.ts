import { inflateRawSync } from 'node:zlib';

const localHeader = Buffer.from('PK\u0003\u0004');

/** The files of an archive by name, read from its beginning, as it was written. */
export function zipEntries(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = archive.indexOf(localHeader); at >= 0; at = archive.indexOf(localHeader, at + 4)) {
    const name = archive.subarray(at + 30, at + 30 + archive.readUInt16LE(at + 26));
    const data = archive.subarray(at + 30 + name.length + archive.readUInt16LE(at + 28));
    const next = data.indexOf('PK');
    const stored = archive.readUInt16LE(at + 8) === 0;
    files.set(name.toString(), stored ? data.subarray(0, next) : inflateRawSync(data));
  }
  return files;
}
