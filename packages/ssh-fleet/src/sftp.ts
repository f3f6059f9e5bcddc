import ssh2, { type Client, type FileEntryWithStats, type SFTPWrapper, type Stats } from 'ssh2';
import { startDeadline } from './deadline.ts';
import { remoteText, SshError } from './errors.ts';
import { type DirectoryEntry, type FileStat, ownerOf, toStat } from './fileStat.ts';
import { type OpenChannel, openChannel } from './process.ts';

/** A file operation that the host refused. `code` is its SFTP status (2 no such file, 3 no permission, 4 failure). */
export class SftpError extends Error {
  override readonly name = 'SftpError';
  readonly code: number;

  constructor(code: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** An open remote file. Reads and writes at a position; the caller closes it. */
export interface SftpFile {
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** At most `length` bytes; an empty result is the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  stat(): Promise<FileStat>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  /** Sets both times, in seconds since 1970. */
  setTimes(accessedAt: number, modifiedAt: number): Promise<void>;
  /** Asks the host to put the file on its disk. Does nothing where the host cannot. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** File transfer over one channel. Paths are the host's own. Fails with SftpError, or SshError `closed`. */
export interface Sftp {
  /** Opens for reading, or creates (for reading and writing) a file that must not exist; a symlink counts as existing. */
  open(path: string, how: 'read' | 'create', mode?: number): Promise<SftpFile>;
  stat(path: string): Promise<FileStat>;
  lstat(path: string): Promise<FileStat>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
  /** Replaces `to` in one step where the host can (posix-rename); otherwise fails when `to` exists. */
  rename(from: string, to: string): Promise<void>;
  /** Fails when `to` exists. */
  renameToNew(from: string, to: string): Promise<void>;
  /** A second name for the same file. False where the host cannot. */
  link(from: string, to: string): Promise<boolean>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, mode?: number): Promise<void>;
  rmdir(path: string): Promise<void>;
  /**
   * The folder's names without `.` and `..`, a piece after the other as the host sends them, in its order. A name with
   * a slash comes from a hostile server and fails the listing.
   */
  readdir(path: string): AsyncGenerator<DirectoryEntry[], void, undefined>;
  /** What the link says, which may lead nowhere. */
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
  end(): void;
}

type Callback<T> = (error: Error | null | undefined, value: T) => void;

const endGraceMs = 1000;
// A request may hang for ever on a host, such as on a dead network file system.
const requestMs = 60_000;

/** Opens an SFTP channel. */
export async function startSftp(
  client: Client,
  { signal, timeoutMs, onEnd }: { signal: AbortSignal | undefined; timeoutMs: number; onEnd: () => void },
): Promise<OpenChannel<Sftp>> {
  const wrapper = await openChannel<SFTPWrapper>(
    (callback) =>
      client.sftp((error, sftp) => {
        // An error of a wrapper without a listener would end the process.
        if (!error) sftp.on('error', () => {});
        callback(error, sftp);
      }),
    { timeoutMs, signal, late: (sftp) => sftp.end() },
  );
  return wrap(wrapper, onEnd);
}

function wrap(sftp: SFTPWrapper, onEnd: () => void): OpenChannel<Sftp> {
  const pending = new Set<(error: Error) => void>();
  let over: SshError | undefined;
  let endTimer: NodeJS.Timeout | undefined;

  function finish(error: SshError): void {
    if (over) return;
    over = error;
    clearTimeout(endTimer);
    for (const reject of [...pending]) reject(error);
    onEnd();
  }

  const ended = () => new SshError('closed', 'The file transfer channel is closed.');
  sftp.on('close', () => finish(ended()));

  /** ssh2 does not call back what was under way when the channel closes: the end must release it. */
  function ask<T>(what: string, start: (callback: Callback<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (over) throw over;
      const leave = () => {
        cancelDeadline();
        pending.delete(onOver);
      };
      const onOver = (error: Error) => {
        leave();
        reject(error);
      };
      const cancelDeadline = startDeadline(requestMs, () => {
        onOver(new SshError('closed', `The host did not answer in ${requestMs / 1000} s: ${remoteText(what)}.`));
        end();
      });
      pending.add(onOver);
      try {
        start((error, value) => {
          leave();
          if (error) reject(sftpError(what, error));
          else resolve(value);
        });
      } catch (error) {
        onOver(
          error instanceof SftpError
            ? error
            : new SshError('closed', 'The file transfer channel is closed.', { cause: error }),
        );
      }
    });
  }

  const tell = (what: string, start: (callback: (error?: Error | null) => void) => void): Promise<void> =>
    ask<undefined>(what, (callback) => start((error) => callback(error, undefined)));

  function end(): void {
    if (over || endTimer) return;
    sftp.end();
    endTimer = setTimeout(() => finish(ended()), endGraceMs);
  }

  async function openFile(path: string, how: 'read' | 'create', mode = 0o600): Promise<SftpFile> {
    const { READ, WRITE, CREAT, EXCL } = ssh2.utils.sftp.OPEN_MODE;
    const flags = how === 'read' ? READ : READ | WRITE | CREAT | EXCL;
    const handle = await ask<Buffer>(`open ${path}`, (callback) => sftp.open(checkPath(path), flags, mode, callback));
    return {
      write: (bytes, position) => {
        const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        return tell(`write ${path}`, (callback) => sftp.write(handle, buffer, 0, buffer.length, position, callback));
      },
      read: (position, length) => readAt(path, handle, position, length),
      stat: async () => toStat(await ask<Stats>(`stat ${path}`, (callback) => sftp.fstat(handle, callback))),
      chmod: (to) => tell(`chmod ${path}`, (callback) => sftp.fchmod(handle, to, callback)),
      chown: (uid, gid) => tell(`chown ${path}`, (callback) => sftp.fchown(handle, uid, gid, callback)),
      setTimes: (accessedAt, modifiedAt) =>
        tell(`set the times of ${path}`, (callback) => sftp.futimes(handle, accessedAt, modifiedAt, callback)),
      sync: async () => {
        await ifOffered(`sync ${path}`, (callback) => sftp.ext_openssh_fsync(handle, callback));
      },
      close: () => tell(`close ${path}`, (callback) => sftp.close(handle, callback)),
    };
  }

  async function readAt(path: string, handle: Buffer, position: number, length: number): Promise<Uint8Array> {
    const target = Buffer.allocUnsafe(length);
    return ask<Uint8Array>(`read ${path}`, (callback) =>
      sftp.read(handle, target, 0, length, position, (error, bytesRead) => {
        // ssh2 reports the end of the file as an error with the EOF status.
        if (error && statusOf(error) === 1) callback(undefined, new Uint8Array());
        else callback(error, target.subarray(0, bytesRead));
      }),
    );
  }

  /** ssh2 throws when the server does not offer an extension; then this is false. */
  async function ifOffered(what: string, start: (callback: (error?: Error | null) => void) => void): Promise<boolean> {
    let offered = true;
    await tell(what, (callback) => {
      try {
        start(callback);
      } catch {
        offered = false;
        callback();
      }
    });
    return offered;
  }

  async function rename(from: string, to: string): Promise<void> {
    const what = `rename ${from} to ${to}`;
    const paths = [checkPath(from), checkPath(to)] as const;
    if (await ifOffered(what, (callback) => sftp.ext_openssh_rename(...paths, callback))) return;
    await tell(what, (callback) => sftp.rename(...paths, callback));
  }

  async function* readdir(path: string): AsyncGenerator<DirectoryEntry[], void, undefined> {
    const what = `list ${path}`;
    const handle = await ask<Buffer>(what, (callback) => sftp.opendir(checkPath(path), callback));
    try {
      for (;;) {
        const list = await ask<FileEntryWithStats[] | undefined>(what, (callback) =>
          sftp.readdir(handle, (error, entries) => {
            // The end of the folder is an error with the EOF status.
            if (error && statusOf(error) === 1) callback(undefined, undefined);
            else callback(error, entries);
          }),
        );
        if (!list) return;
        yield list
          .filter(({ filename }) => filename !== '.' && filename !== '..')
          .map((entry) => ({ name: checkName(entry.filename), stat: toStat(entry.attrs), ...ownerOf(entry) }));
      }
    } finally {
      await tell(`close ${path}`, (callback) => sftp.close(handle, callback)).catch(() => {});
    }
  }

  const api: Sftp = {
    open: openFile,
    stat: async (path) => toStat(await ask<Stats>(`stat ${path}`, (callback) => sftp.stat(checkPath(path), callback))),
    lstat: async (path) =>
      toStat(await ask<Stats>(`stat ${path}`, (callback) => sftp.lstat(checkPath(path), callback))),
    chmod: (path, mode) => tell(`chmod ${path}`, (callback) => sftp.chmod(checkPath(path), mode, callback)),
    chown: (path, uid, gid) => tell(`chown ${path}`, (callback) => sftp.chown(checkPath(path), uid, gid, callback)),
    rename,
    renameToNew: (from, to) =>
      tell(`rename ${from} to ${to}`, (callback) => sftp.rename(checkPath(from), checkPath(to), callback)),
    link: (from, to) =>
      ifOffered(`link ${from} to ${to}`, (callback) =>
        sftp.ext_openssh_hardlink(checkPath(from), checkPath(to), callback),
      ),
    unlink: (path) => tell(`remove ${path}`, (callback) => sftp.unlink(checkPath(path), callback)),
    mkdir: (path, mode = 0o755) =>
      tell(`create folder ${path}`, (callback) => sftp.mkdir(checkPath(path), { mode }, callback)),
    rmdir: (path) => tell(`remove folder ${path}`, (callback) => sftp.rmdir(checkPath(path), callback)),
    readdir,
    readlink: (path) => ask<string>(`read the link ${path}`, (callback) => sftp.readlink(checkPath(path), callback)),
    realpath: (path) => ask<string>(`resolve ${path}`, (callback) => sftp.realpath(checkPath(path), callback)),
    end,
  };
  return { api, close: end, connectionLost: finish };
}

/** The protocol carries bytes, but hosts end a path at NUL: `a\0b` would name another file than the one checked. */
function checkPath(path: string): string {
  if (path === '' || path.includes('\0'))
    throw new SftpError(4, 'A path must not be empty or contain a NUL character.');
  return path;
}

/** File systems end at 255; of a folder thousands may be kept at once. */
const longestName = 4096;

/** A file's name as one path component. */
export function checkName(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || name.length > longestName)
    throw new SftpError(4, `The name ${JSON.stringify(remoteText(name))} is not a plain file name.`);
  return name;
}

/** The status that the host answered with; undefined when it did not answer. */
function statusOf(error: Error): number | undefined {
  return 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

function sftpError(what: string, error: Error): Error {
  const status = statusOf(error);
  if (status === undefined) return new SshError('closed', 'The file transfer channel is closed.', { cause: error });
  return new SftpError(status, `Cannot ${remoteText(what)}: ${remoteText(error.message)}`, error);
}
