import { open, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { type Client, fromBase64, uploadFile } from '@omanager/client';
import { OmError } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError } from '../errors.ts';
import { formatBytes } from '../io/format.ts';
import { saveNew } from '../io/saveFile.ts';
import { confirmed } from './confirmed.ts';
import { type Place, placeOf } from './place.ts';

/** Fetches a file of a server into a new file here. */
export async function fetch(cli: Cli, from: string, to: string | undefined): Promise<void> {
  await withClient(cli, async (client) => {
    const place = await placeOf(cli, client, from);
    const name = posix.basename(place.path);
    const path = to === undefined ? name : (await isFolder(to)) ? join(to, name) : to;
    const bytes = await saveNew(path, piecesOf(cli, client, place));
    cli.out.status('');
    cli.out.data({ ...place, to: path, bytes });
    cli.out.line(`${path}: ${formatBytes(bytes)}.`);
  });
}

async function* piecesOf(cli: Cli, client: Client, place: Place): AsyncGenerator<Uint8Array> {
  for await (const { offset, size, data } of client.stream('files.read', place, { signal: cli.signal })) {
    const bytes = fromBase64(data);
    yield bytes;
    showProgress(cli, offset + bytes.length, size);
  }
}

/** Puts a file from here on a server. */
export async function put(
  cli: Cli,
  from: string,
  to: string,
  { replace = false, ...given }: { replace?: boolean; confirm?: string },
): Promise<void> {
  const file = await open(from, 'r').catch((error: unknown) => {
    throw new CliError(`Cannot read ${from}: ${error instanceof Error ? error.message : String(error)}.`);
  });
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new CliError(`${from} is not a file; folders go one file at a time.`);
    const { size } = about;
    await withClient(cli, async (client) => {
      const place = await placeOf(cli, client, to.endsWith('/') ? `${to}${basename(from)}` : to);
      const done = await confirmed(cli, given, (confirm) =>
        uploadFile({
          ...{ client, ...place, ...confirm, size, replace, signal: cli.signal },
          async read(offset, length) {
            const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
            return buffer.subarray(0, bytesRead);
          },
          onSent: (bytes) => showProgress(cli, bytes, size),
        }),
      ).catch((error: unknown) => {
        const isThere = error instanceof OmError && error.details?.exists === true && !replace;
        throw isThere ? new CliError(`${error.message} With --replace it is replaced.`) : error;
      });
      cli.out.status('');
      cli.out.data({ ...place, ...done });
      cli.out.line(`${place.host}:${place.path}: ${formatBytes(done.size)}, SHA-256 ${done.sha256}.`);
    });
  } finally {
    await file.close();
  }
}

function showProgress(cli: Cli, bytes: number, size: number): void {
  const part = size > 0 && bytes < size ? `, ${Math.floor((bytes / size) * 100)} %` : '';
  cli.out.status(bytes === size && size > 0 ? 'Nearly done …' : `${formatBytes(bytes)}${part} …`);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (about) => about.isDirectory(),
    () => false,
  );
}
