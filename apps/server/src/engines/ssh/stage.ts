import { createHash, randomBytes } from 'node:crypto';
import { copyFile, type Lease, type Sftp, SftpError, SshError } from '@omanager/ssh-fleet';
import type { RunInput } from '../../features/runs/ports.ts';
import { openSftp } from './openSftp.ts';

/** A file of the plan in a folder of the login user. */
export interface StagedFile {
  path: string;
  sha256: string;
  size: number;
}

export interface Stage {
  folder: string;
  files: Record<string, StagedFile>;
  /** Takes folder and files away. Best effort: the host may be gone. */
  remove(): Promise<void>;
}

interface StageOptions {
  /** Who will read them: the login user, root, or another user, who can then only find them by their random names. */
  reader: string | null;
  signal: AbortSignal;
}

/** Puts files into a fresh folder that only the login user can list. Leaves nothing behind when it fails, and nothing has run then. */
export async function stageFiles(
  lease: Lease,
  files: RunInput['files'],
  { reader, signal }: StageOptions,
): Promise<Stage> {
  let sftp: Sftp | undefined;
  let stage: Stage | undefined;
  try {
    sftp = await openSftp(lease, signal);
    stage = await createFolder(lease, sftp);
    const shared = reader !== null && reader !== 'root';
    if (shared) await sftp.chmod(stage.folder, 0o711);
    for (const [name, { data }] of Object.entries(files)) {
      const source = Buffer.from(data, 'base64');
      const path = `${stage.folder}/${reader === null ? name : randomBytes(16).toString('hex')}`;
      const sha256 = createHash('sha256').update(source).digest('hex');
      stage.files[name] = { path, sha256, size: source.length };
      await copyFile(sftp, { source, to: path, mode: shared ? 0o644 : 0o600, sha256, signal });
    }
    return stage;
  } catch (error) {
    if (sftp && stage) await removeFrom(sftp, stage);
    if (!(error instanceof SshError)) throw error;
    throw new SftpError(4, `The files did not reach the server, and nothing was run: ${error.message}`, error);
  } finally {
    sftp?.end();
  }
}

async function createFolder(lease: Lease, sftp: Sftp): Promise<Stage> {
  const folder = `${await sftp.realpath('/tmp')}/om-files.${randomBytes(16).toString('hex')}`;
  await sftp.mkdir(folder, 0o700);
  const stage: Stage = {
    folder,
    files: {},
    async remove() {
      try {
        const again = await lease.sftp();
        await removeFrom(again, stage);
        again.end();
      } catch {
        // The connection is gone, and the folder stays until the host clears its /tmp.
      }
    },
  };
  return stage;
}

async function removeFrom(sftp: Sftp, { folder, files }: Stage): Promise<void> {
  for (const { path } of Object.values(files)) await sftp.unlink(path).catch(() => {});
  await sftp.rmdir(folder).catch(() => {});
}
