import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { FileStat } from './fileStat.ts';
import { checkFolder, type FilePlace, filePlace } from './remotePath.ts';
import { type Sftp, SftpError, type SftpFile } from './sftp.ts';

export interface CopyFileOptions {
  source: Uint8Array | AsyncIterable<Uint8Array>;
  /** Absolute path of the file on the host. */
  to: string;
  /** Permission bits. Default: those of the file that is replaced, or 0644. */
  mode?: number | undefined;
  /** Numeric owner. Default: that of the file that is replaced, where the sign-in user may give it. */
  owner?: { uid: number; gid: number } | undefined;
  /** False: it fails when there is something at that path, also when that came while it was copied. */
  replace?: boolean | undefined;
  /** Keeps the file that is replaced as `name.~time~`. */
  backup?: boolean | undefined;
  /** What the source must hash to (hex); it fails otherwise, before the file is in place. */
  sha256?: string | undefined;
  signal?: AbortSignal | undefined;
  now?: () => Date;
}

export interface CopiedFile {
  sha256: string;
  size: number;
  /** Path of the backup, when one was made. */
  backup?: string;
}

/** What later versions of the protocol call it (SSH_FX_FILE_ALREADY_EXISTS). */
const fileExists = 11;
const chunkBytes = 32 * 1024;
const writesAtOnce = 16;

/**
 * Puts a file on a host so that at every moment there is either the old or the new one, whole, at its path.
 * It is written under a random name that must not exist, read back and compared, given mode and owner, and renamed.
 * Fails with SftpError when the host or a check refuses, and then removes what it wrote.
 */
export async function copyFile(sftp: Sftp, options: CopyFileOptions): Promise<CopiedFile> {
  const place = filePlace(options.to);
  const temporary = `${place.folder === '/' ? '' : place.folder}/.om-${randomBytes(12).toString('hex')}`;
  try {
    return await copyBy(temporary, sftp, place, options);
  } catch (error) {
    // Nobody knows the random name.
    if (error instanceof SftpError)
      throw new SftpError(error.code, error.message.replace(temporary, place.path), error);
    throw error;
  }
}

async function copyBy(temporary: string, sftp: Sftp, place: FilePlace, options: CopyFileOptions): Promise<CopiedFile> {
  await checkFolder(sftp, place.folder);
  const existing = await existingFile(sftp, place.path);
  const { replace = true } = options;
  if (existing && !replace) throw new SftpError(fileExists, `${place.path} is there already.`);
  const file = await sftp.open(temporary, 'create', 0o600);
  let placed = false;
  try {
    // The host's umask decides about the mode at creation: this does not.
    await file.chmod(0o600);
    const written = await writeAll(file, options.source, options.signal);
    if (options.sha256 !== undefined && options.sha256 !== written.sha256)
      throw new SftpError(
        4,
        `The source of ${place.path} is not the file that was planned: its checksum differs. Plan again.`,
      );
    await file.sync();
    const stored = await hashOf(file, options.signal);
    if (stored.sha256 !== written.sha256 || stored.size !== written.size)
      throw new SftpError(
        4,
        `${place.path} arrived damaged: what the host stored differs from what was sent. Check its disk.`,
      );
    await setOwnerAndMode(file, options, existing);
    const backup = existing && options.backup ? await keepBackup(sftp, place, existing, options) : undefined;
    await proveSame(sftp, file, temporary);
    await checkFolder(sftp, place.folder);
    options.signal?.throwIfAborted();
    await (replace ? sftp.rename(temporary, place.path) : sftp.renameToNew(temporary, place.path));
    placed = true;
    await proveSame(sftp, file, place.path);
    return { ...written, ...(backup === undefined ? {} : { backup }) };
  } finally {
    await file.close().catch(() => {});
    if (!placed) await sftp.unlink(temporary).catch(() => {});
  }
}

async function existingFile(sftp: Sftp, path: string): Promise<FileStat | undefined> {
  const stat = await sftp.lstat(path).catch((error: unknown) => {
    if (error instanceof SftpError && error.code === 2) return undefined;
    throw error;
  });
  if (stat?.kind === 'symlink') throw new SftpError(4, `${path} is a symbolic link. Name the file that it points to.`);
  if (stat && stat.kind !== 'file') throw new SftpError(4, `${path} exists and is not a file.`);
  return stat;
}

async function writeAll(
  file: SftpFile,
  source: CopyFileOptions['source'],
  signal: AbortSignal | undefined,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let size = 0;

  function write(chunk: Uint8Array): void {
    const done: Promise<void> = file
      .write(chunk, size)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => underWay.delete(done));
    underWay.add(done);
    hash.update(chunk);
    size += chunk.length;
  }

  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    for (let at = 0; at < piece.length; at += chunkBytes) {
      signal?.throwIfAborted();
      if (failure) throw failure.error;
      write(piece.subarray(at, at + chunkBytes));
      if (underWay.size >= writesAtOnce) await Promise.race(underWay);
    }
    // The source may reuse its buffer.
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
  return { sha256: hash.digest('hex'), size };
}

async function hashOf(file: SftpFile, signal: AbortSignal | undefined): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for (;;) {
    signal?.throwIfAborted();
    const chunk = await file.read(size, chunkBytes);
    if (chunk.length === 0) return { sha256: hash.digest('hex'), size };
    hash.update(chunk);
    size += chunk.length;
  }
}

async function setOwnerAndMode(
  file: SftpFile,
  options: CopyFileOptions,
  existing: FileStat | undefined,
): Promise<void> {
  if (options.owner) await file.chown(options.owner.uid, options.owner.gid);
  else if (existing) {
    const own = await file.stat();
    // Only root may give files away: another user's copy of a foreign file becomes that user's own.
    if (own.uid !== existing.uid || own.gid !== existing.gid)
      await file.chown(existing.uid, existing.gid).catch(() => {});
  }
  // After the owner: changing that clears the set-id bits.
  await file.chmod(options.mode ?? existing?.mode ?? 0o644);
}

/**
 * Makes sure that the path still names the file that is open. The protocol shows no inode numbers, so the open file
 * is marked with a random time of change in the last days, and the path must show it. (The time of access would not
 * do: whoever reads the file moves it.)
 */
async function proveSame(sftp: Sftp, file: SftpFile, path: string): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const mark = now - randomInt(2 ** 20);
  await file.setTimes(now, mark);
  const named = await sftp.lstat(path);
  await file.setTimes(now, now);
  if (named.kind !== 'file' || named.modifiedAt !== mark) throw swapped(path);
}

function swapped(path: string): SftpError {
  return new SftpError(
    4,
    `${path} was replaced by somebody while it was being copied. Check who may write to its folder.`,
  );
}

async function keepBackup(
  sftp: Sftp,
  place: FilePlace,
  existing: FileStat,
  { now = () => new Date(), signal }: CopyFileOptions,
): Promise<string> {
  const stamp = now().toISOString().replace(/[:.]/g, '-');
  const backup = `${place.path}.~${stamp}~`;
  const linked = await sftp.link(place.path, backup).catch((error: unknown) => {
    // Some file systems have no hard links, and hosts may forbid them.
    if (error instanceof SftpError) return false;
    throw error;
  });
  if (!linked) await duplicate(sftp, place.path, backup, existing, signal);
  return backup;
}

async function duplicate(
  sftp: Sftp,
  from: string,
  to: string,
  like: FileStat,
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = await sftp.open(from, 'read');
  try {
    const opened = await source.stat();
    // A symlink put in its place meanwhile would copy a file that its owner may not read.
    const same =
      opened.uid === like.uid &&
      opened.gid === like.gid &&
      opened.size === like.size &&
      opened.modifiedAt === like.modifiedAt;
    if (!same) throw swapped(from);
    const copy = await sftp.open(to, 'create', 0o600);
    try {
      await writeAll(copy, chunksOf(source), signal);
      await setOwnerAndMode(copy, { source: new Uint8Array(), to }, like);
    } finally {
      await copy.close().catch(() => {});
    }
  } finally {
    await source.close().catch(() => {});
  }
}

async function* chunksOf(file: SftpFile): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const chunk = await file.read(at, chunkBytes);
    if (chunk.length === 0) return;
    yield chunk;
    at += chunk.length;
  }
}
