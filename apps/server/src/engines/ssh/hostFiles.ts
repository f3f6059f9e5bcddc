import { OmError } from '@omanager/contract';
import { copyFile, type DirectoryEntry, readAhead, type Sftp, SftpError, SshError } from '@omanager/ssh-fleet';
import type { HostFile, HostFiles } from '../../features/terminal/files/ports.ts';

/** So many links of a folder are followed, and so many at once: each asks the host. */
const linksFollowed = 500;
const linksAtOnce = 16;

/** The files of a server over one channel. */
export function hostFiles(sftp: Sftp, release: () => void): HostFiles {
  async function leadsTo(folder: string, file: HostFile): Promise<HostFile> {
    const stat = await sftp.stat(`${folder === '/' ? '' : folder}/${file.name}`).catch(refusedIsNothing);
    return { ...file, leadsTo: stat?.kind ?? null };
  }

  async function followLinks(folder: string, items: HostFile[]): Promise<void> {
    const links = items.flatMap(({ kind }, index) => (kind === 'symlink' ? [index] : [])).slice(0, linksFollowed);
    for (let at = 0; at < links.length; at += linksAtOnce)
      await Promise.all(
        links.slice(at, at + linksAtOnce).map(async (index) => {
          const link = items[index];
          if (link) items[index] = await leadsTo(folder, link);
        }),
      );
  }

  return {
    resolve: (path) => told(() => sftp.realpath(path ?? '.')),
    list: (path, { limit, find, signal }) =>
      told(async () => {
        const wanted = find?.toLowerCase() ?? '';
        const items: HostFile[] = [];
        let more = false;
        for await (const piece of sftp.readdir(path)) {
          signal.throwIfAborted();
          const found = piece.filter(({ name }) => name.toLowerCase().includes(wanted)).map(toFile);
          more = items.length + found.length > limit;
          items.push(...found.slice(0, limit - items.length));
          if (more) break;
        }
        await followLinks(path, items);
        return { items, more };
      }),
    open: (path) =>
      told(async () => {
        // Before it is opened: opening a pipe or a device may block or do something.
        if ((await sftp.stat(path)).kind !== 'file') throw new SftpError(4, `${path} is not a regular file.`);
        const file = await sftp.open(path, 'read');
        const { size, modifiedAt } = await file.stat();
        return {
          ...{ size, modifiedAtMs: modifiedAt * 1000 },
          read: (from, signal) => toldAll(readAhead(file, { from, signal })),
          close: () => file.close().catch(() => {}),
        };
      }),
    place: (path, options) => told(() => copyFile(sftp, { to: path, ...options })),
    makeFolder: (path) =>
      told(async () => {
        await refuseTaken(path);
        await sftp.mkdir(path);
      }),
    rename: (from, to) =>
      told(async () => {
        await sftp.lstat(from);
        await refuseTaken(to);
        await sftp.renameToNew(from, to);
      }),
    setMode: (path, mode) =>
      told(async () => {
        if ((await sftp.lstat(path)).kind === 'symlink')
          throw new SftpError(4, `${path} is a link: set the mode of what it leads to.`);
        await sftp.chmod(path, mode);
      }),
    remove: (path) =>
      told(async () => {
        if ((await sftp.lstat(path)).kind !== 'directory') return sftp.unlink(path);
        for await (const piece of sftp.readdir(path))
          if (piece.length > 0)
            throw new OmError('CONFLICT', `${path} is not empty: remove what is in it first, or run a command.`);
        await sftp.rmdir(path);
      }),
    close() {
      sftp.end();
      release();
    },
  };

  /** Later versions of the protocol have a status for it; this one says only "Failure". */
  async function refuseTaken(path: string): Promise<void> {
    if (await sftp.lstat(path).catch(refusedIsNothing)) throw taken(path);
  }
}

const taken = (path: string): OmError =>
  new OmError('CONFLICT', `There is something at ${path} already.`, { exists: true });

function toFile({ name, stat, owner, group }: DirectoryEntry): HostFile {
  return {
    ...{ name, kind: stat.kind, leadsTo: null, size: stat.size, mode: stat.mode },
    modifiedAtMs: stat.modifiedAt * 1000,
    owner: owner ?? String(stat.uid),
    group: group ?? String(stat.gid),
  };
}

function refusedIsNothing(error: unknown): undefined {
  if (!(error instanceof SftpError)) throw error;
  return undefined;
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toOmError(error);
  }
}

async function* toldAll<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw toOmError(error);
  }
}

/** What sshd answers for all that the protocol has no status for. */
const saysNoMore =
  ': the server refuses and says no more. Its disk may be full or read-only, or the other path on another file system.';
const noSuchFile = 2;
const alreadyExists = 11;

function toOmError(error: unknown): unknown {
  if (error instanceof SshError) return new OmError('UNREACHABLE', error.message);
  if (!(error instanceof SftpError)) return error;
  switch (error.code) {
    case noSuchFile:
      return new OmError('NOT_FOUND', error.message);
    case alreadyExists:
      return new OmError('CONFLICT', error.message, { exists: true });
    default:
      return new OmError('HOST_REFUSED', error.message.replace(/: Failure$/, saysNoMore));
  }
}
