import { type Lease, type Sftp, SftpError, SshError } from '@omanager/ssh-fleet';

/** Opens file transfer for a body. Where that fails nothing has been run yet, which SftpError stands for. */
export async function openSftp(lease: Lease, signal: AbortSignal): Promise<Sftp> {
  try {
    return await lease.sftp(signal);
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    throw new SftpError(
      4,
      `SFTP could not be opened, and nothing was run: ${error.message} Check Subsystem sftp in the sshd_config.`,
      error,
    );
  }
}
