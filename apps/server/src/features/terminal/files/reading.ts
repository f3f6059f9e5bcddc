import { createHash } from 'node:crypto';
import { type FilePiece, OmError, type ParamsOf } from '@omanager/contract';
import type { HostFiles } from './ports.ts';

/** Gathered before they leave: a message for each 32 KiB would cost more than what it carries. */
const pieceBytes = 128 * 1024;

export interface Sent {
  bytes: number;
  /** Of a whole file that was sent from its beginning. */
  sha256: string | null;
}

/** The content of a file in pieces; at least one, also of an empty file. `begun` and `ended` are told in any case. */
export async function* readPieces(
  files: HostFiles,
  { path, after = 0, like }: Pick<ParamsOf<'files.read'>, 'path' | 'after' | 'like'>,
  signal: AbortSignal,
  told: { begun(file: { size: number; modifiedAt: string }): Promise<void>; ended(sent: Sent): Promise<void> },
): AsyncGenerator<FilePiece, void, undefined> {
  const file = await files.open(path);
  const hash = after === 0 ? createHash('sha256') : undefined;
  let offset = after;
  let whole = false;
  try {
    const about = { size: file.size, modifiedAt: new Date(file.modifiedAtMs).toISOString() };
    if (like && (like.size !== about.size || like.modifiedAt !== about.modifiedAt))
      throw new OmError('CONFLICT', `${path} was changed while it was fetched; fetch it again.`);
    await told.begun(about);
    try {
      let gathered: Uint8Array[] = [];
      let length = 0;
      const leave = (): FilePiece => {
        const data = Buffer.concat(gathered);
        const piece = { ...about, offset, data: data.toString('base64') };
        hash?.update(data);
        offset += data.length;
        gathered = [];
        length = 0;
        return piece;
      };
      for await (const piece of file.read(after, signal)) {
        gathered.push(piece);
        length += piece.length;
        if (length >= pieceBytes) yield leave();
      }
      if (length > 0 || offset === after) yield leave();
      if (offset < about.size)
        throw new OmError('CONFLICT', `${path} became shorter while it was fetched; fetch it again.`);
      whole = true;
    } finally {
      await told.ended({ bytes: offset - after, sha256: whole ? (hash?.digest('hex') ?? null) : null });
    }
  } finally {
    await file.close();
  }
}
