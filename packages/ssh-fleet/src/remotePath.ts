import type { FileStat } from './fileStat.ts';
import { checkName, type Sftp, SftpError } from './sftp.ts';

/** A file's place, taken apart after it was checked. */
export interface FilePlace {
  path: string;
  folder: string;
  name: string;
}

/** Accepts an absolute path that names a file, without `.` or `..` components. */
export function filePlace(path: string): FilePlace {
  const parts = path.split('/');
  if (!path.startsWith('/')) throw new SftpError(4, `The path must be absolute: ${JSON.stringify(path)}.`);
  const name = parts.pop() ?? '';
  const folders = parts.filter((part) => part !== '');
  for (const part of [...folders, name]) checkName(part);
  const folder = `/${folders.join('/')}`;
  return { path: `${folder === '/' ? '' : folder}/${name}`, folder, name };
}

/** Refuses a folder in which others could swap the file under our hands, or which is not where it seems to be. */
export async function checkFolder(sftp: Sftp, folder: string): Promise<FileStat> {
  const stat = await sftp.lstat(folder);
  if (stat.kind === 'symlink')
    throw new SftpError(4, `${folder} is a symbolic link. Name the folder that it points to.`);
  if (stat.kind !== 'directory') throw new SftpError(4, `${folder} is not a folder.`);
  const sticky = (stat.mode & 0o1000) !== 0;
  if ((stat.mode & 0o002) !== 0 && !sticky)
    throw new SftpError(4, `${folder} is writable for everybody. Take that right away first (chmod o-w).`);
  const real = await sftp.realpath(folder);
  if (real !== folder)
    throw new SftpError(4, `${folder} leads through a symbolic link. Name the real folder: ${real}.`);
  return stat;
}
