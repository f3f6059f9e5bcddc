import { maxFilePiece, OmError, type ResultOf } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { pause } from './backoff.ts';
import { toBase64 } from './base64.ts';
import type { Client } from './client.ts';

export interface UploadWish {
  client: Pick<Client, 'call'>;
  host: string;
  /** Absolute path of the file on the server. */
  path: string;
  /** Bytes. */
  size: number;
  /** What is at that path may be replaced. */
  replace?: boolean;
  /** On a production server: its name. */
  confirm?: string | undefined;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** So many bytes are on the server; at `size` it begins to check them. */
  onSent?(bytes: number): void;
  signal?: AbortSignal;
}

const busyMs = 200;

/** Puts a file on a server, whole or not at all, over cuts of the connection. Aborted or failed, nothing of it stays there. */
export async function uploadFile({
  client,
  read,
  onSent,
  signal,
  size,
  ...aim
}: UploadWish): Promise<ResultOf<'files.finish'>> {
  const id = uuid();
  const options = signal ? { signal } : {};
  await client.call('files.upload', { id, size, ...aim }, options);
  try {
    for (let offset = 0; offset < size; ) {
      const piece = await read(offset, Math.min(maxFilePiece, size - offset));
      if (piece.length === 0)
        throw new OmError('CONFLICT', `The file became shorter than ${size} bytes; send it again.`);
      await patiently(() => client.call('files.write', { id, offset, data: toBase64(piece) }, options), signal);
      offset += piece.length;
      onSent?.(offset);
    }
    return await client.call('files.finish', { id }, options);
  } catch (error) {
    // It may have ended already, or the connection is gone: then it ends by itself. Or it is in its place: that is told.
    await client.call('files.cancel', { id }).catch((refused: unknown) => {
      if (refused instanceof OmError && refused.code === 'CONFLICT') throw refused;
    });
    throw error;
  }
}

async function patiently<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof OmError) || error.code !== 'BUSY' || signal?.aborted) throw error;
      await pause(busyMs, signal ?? new AbortController().signal);
    }
  }
}
