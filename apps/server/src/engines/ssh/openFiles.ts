import { OmError } from '@omanager/contract';
import { SshError } from '@omanager/ssh-fleet';
import type { ResolvedHost } from '../../features/runs/ports.ts';
import type { FilePorts } from '../../features/terminal/files/ports.ts';
import type { UseHost } from './direct.ts';
import { hostFiles } from './hostFiles.ts';

/** ssh2 says in words only that the server did not start it. */
const isWithoutSftp = (error: unknown): boolean =>
  error instanceof SshError && error.cause instanceof Error && /subsystem/i.test(error.cause.message);

const noSftp = ({ name }: ResolvedHost) =>
  new OmError('HOST_REFUSED', `${name} offers no file transfer: check Subsystem sftp in its sshd_config.`);

/** Opens the files of a server; a channel of the pool until they are closed. */
export function createOpenFiles(useHost: UseHost): FilePorts<ResolvedHost>['openFiles'] {
  return async (host, signal) => {
    const opened = await useHost(host, signal, async (lease) => {
      const sftp = await lease.sftp(signal).catch((error: unknown) => {
        throw isWithoutSftp(error) ? noSftp(host) : error;
      });
      return hostFiles(sftp, lease.release);
    });
    if ('unreachable' in opened) throw new OmError('UNREACHABLE', `${host.name}: ${opened.unreachable}`);
    return opened;
  };
}
