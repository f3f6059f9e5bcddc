import type { RemoteShell, ShellOptions } from '@omanager/ssh-fleet';
import type { ResolvedHost } from '../../features/runs/ports.ts';
import type { UseHost } from './direct.ts';

/** A shell on a server; or why there is none, for people. */
export type OpenShell = (host: ResolvedHost, options: ShellOptions & { signal: AbortSignal }) => Promise<OpenedShell>;
export type OpenedShell = { shell: RemoteShell; release(): void } | { unreachable: string };

export function createOpenShell(useHost: UseHost): OpenShell {
  return (host, options) =>
    useHost(host, options.signal, async (lease) => ({ shell: await lease.shell(options), release: lease.release }));
}
