import { OmError } from '@omanager/contract';
import type { ResolvedHost } from '../../features/runs/ports.ts';
import type { FilePorts } from '../../features/terminal/files/ports.ts';
import type { UseHost } from './direct.ts';
import { hostFiles } from './hostFiles.ts';

/** Opens the files of a server; a channel of the pool until they are closed. */
export function createOpenFiles(useHost: UseHost): FilePorts<ResolvedHost>['openFiles'] {
  return async (host, signal) => {
    const opened = await useHost(host, signal, async (lease) => hostFiles(await lease.sftp(signal), lease.release));
    if ('unreachable' in opened) throw new OmError('UNREACHABLE', `${host.name}: ${opened.unreachable}`);
    return opened;
  };
}
