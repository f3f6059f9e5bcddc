import { randomBytes } from 'node:crypto';
import { copyFile, type Lease } from '@omanager/ssh-fleet';
import type { RunInput } from '../../features/runs/ports.ts';

/** File params on the host: the path of each, and the private folder that the wrapper removes afterwards. */
export interface UploadedFiles {
  paths: Record<string, string>;
  folder: string | undefined;
}

/** Puts the content of file params into a fresh folder that only the login user can read. */
export async function uploadFiles(
  lease: Lease,
  files: RunInput['files'],
  runAs: string | null,
  signal: AbortSignal,
): Promise<UploadedFiles> {
  const names = Object.keys(files);
  if (names.length === 0) return { paths: {}, folder: undefined };
  const sftp = await lease.sftp(signal);
  try {
    const folder = `/tmp/om-files.${randomBytes(12).toString('hex')}`;
    // Another user than root could not enter a folder of the login user.
    await sftp.mkdir(folder, runAs === null || runAs === 'root' ? 0o700 : 0o711);
    const paths: Record<string, string> = {};
    for (const name of names) {
      const to = `${folder}/${name}`;
      const source = Buffer.from(files[name]?.data ?? '', 'base64');
      await copyFile(sftp, { source, to, mode: runAs === null || runAs === 'root' ? 0o600 : 0o644, signal });
      paths[name] = to;
    }
    return { paths, folder };
  } finally {
    sftp.end();
  }
}
