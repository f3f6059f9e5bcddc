import type { FileEntryWithStats, Stats } from 'ssh2';

export interface FileStat {
  /** Permission bits, with the set-id and sticky bits. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Seconds since 1970, as the protocol carries them. */
  accessedAt: number;
  modifiedAt: number;
  kind: 'file' | 'directory' | 'symlink' | 'other';
}

export interface DirectoryEntry {
  /** Bytes that are no UTF-8 are U+FFFD: such a name cannot be asked for. */
  name: string;
  stat: FileStat;
  /** The names of the owner and the group as the host tells them; undefined when it tells none. */
  owner: string | undefined;
  group: string | undefined;
}

/** No honest line is longer: thousands of them may be kept at once. */
const longestLine = 8192;

/** From the line that the host writes for people, as `ls -l` does: permissions, links, owner, group. */
export function ownerOf({ longname }: FileEntryWithStats): Pick<DirectoryEntry, 'owner' | 'group'> {
  if (longname.length > longestLine) return { owner: undefined, group: undefined };
  const [, , owner, group] = longname.trim().split(/\s+/, 4);
  return { owner, group };
}

export function toStat(stats: Stats): FileStat {
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'symlink'
        : 'other';
  const { uid, gid, size } = stats;
  return { mode: stats.mode & 0o7777, uid, gid, size, accessedAt: stats.atime, modifiedAt: stats.mtime, kind };
}
