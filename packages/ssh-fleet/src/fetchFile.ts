import { createHash } from 'node:crypto';
import { filePlace } from './remotePath.ts';
import { type Sftp, SftpError } from './sftp.ts';

export interface FetchedFile {
  bytes: Uint8Array;
  sha256: string;
  mode: number;
  uid: number;
  gid: number;
}

const chunkBytes = 32 * 1024;

/**
 * Reads a regular file from a host. Fails with SftpError when it is larger than `maxBytes`, also when it grows
 * beyond that while it is read. A symbolic link as the last component is followed, as `cat` would.
 */
export async function fetchFile(
  sftp: Sftp,
  path: string,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<FetchedFile> {
  const place = filePlace(path);
  // Before it is opened: opening a pipe or a device may block or do something.
  requireFile(place.path, await sftp.stat(place.path));
  const file = await sftp.open(place.path, 'read');
  try {
    const stat = await file.stat();
    requireFile(place.path, stat);
    // One for all: a host that gives a byte at a time would fill the memory with pieces that are all but empty.
    let bytes = Buffer.alloc(chunkBytes);
    let size = 0;
    for (;;) {
      signal?.throwIfAborted();
      if (size > maxBytes || stat.size > maxBytes)
        throw new SftpError(
          4,
          `${place.path} is larger than the limit of ${maxBytes} bytes. Raise the limit, or fetch a part with a command.`,
        );
      const chunk = await file.read(size, chunkBytes);
      if (chunk.length === 0) break;
      if (size + chunk.length > bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length);
      bytes.set(chunk, size);
      size += chunk.length;
    }
    bytes = bytes.subarray(0, size);
    return {
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
    };
  } finally {
    await file.close().catch(() => {});
  }
}

function requireFile(path: string, { kind }: { kind: string }): void {
  if (kind !== 'file') throw new SftpError(4, `${path} is not a regular file.`);
}
