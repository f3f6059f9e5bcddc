import type { SftpFile } from './sftp.ts';

const pieceBytes = 32 * 1024;
const readsAtOnce = 16;

/**
 * The content of a file from `from` on, to its end. Many reads are under way at once, so that a long way to the host
 * costs little; never more than half a megabyte is ahead of the reader. The caller closes the file.
 */
export async function* readAhead(
  file: Pick<SftpFile, 'read'>,
  { from = 0, signal }: { from?: number; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = from;
  let asked = from;
  let ahead: Promise<Uint8Array>[] = [];
  const settle = () => Promise.allSettled(ahead);
  try {
    for (;;) {
      signal?.throwIfAborted();
      while (ahead.length < readsAtOnce) {
        const read = file.read(asked, pieceBytes);
        // Told to whoever takes it: one that fails behind another that failed is nobody's.
        read.catch(() => {});
        ahead.push(read);
        asked += pieceBytes;
      }
      const piece = await ahead.shift();
      if (!piece || piece.length === 0) return;
      yield piece;
      at += piece.length;
      if (piece.length === pieceBytes) continue;
      // The host gave less than was asked for, so what is under way is not what comes next.
      await settle();
      ahead = [];
      asked = at;
    }
  } finally {
    await settle();
  }
}
