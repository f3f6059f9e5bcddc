import { type Fleet, type RemoteShell, type ShellOptions, SshError } from '@omanager/ssh-fleet';
import type { Endpoint, InventoryPort, ResolvedHost, Trust } from '../../features/runs/ports.ts';
import { type HostKeysPort, whyUnreachable } from './reach.ts';
import { type Places, targetNow } from './target.ts';
import type { OpenedCredential } from './types.ts';

export interface ShellSource {
  trustOf(endpoints: readonly Endpoint[]): Promise<ReadonlyMap<string, Trust>>;
  /** By id; absent are those that were removed. */
  openCredentials(ids: readonly string[]): Promise<ReadonlyMap<string, OpenedCredential>>;
}

interface Options extends ShellSource {
  fleet: Pick<Fleet, 'acquire'>;
  places: Places;
  endpointKey: InventoryPort['endpointKey'];
  hostKeys: HostKeysPort;
}

/** A shell on a server; or why there is none, for people. */
export type OpenShell = (host: ResolvedHost, options: ShellOptions & { signal: AbortSignal }) => Promise<OpenedShell>;
export type OpenedShell = { shell: RemoteShell; release(): void } | { unreachable: string };

/** Opens shells over the same pool, by the same rules about host keys and credentials as runs. */
export function createOpenShell({
  fleet,
  places,
  endpointKey,
  hostKeys,
  openCredentials,
  trustOf,
}: Options): OpenShell {
  return async (host, options) => {
    const ends = [host, ...host.route];
    const trust = await trustOf(ends);
    const credentials = await openCredentials(ends.flatMap(({ credentialId }) => credentialId ?? []));
    try {
      const lease = await fleet.acquire(targetNow(host, { credentials, trust, endpointKey, places }), options.signal);
      try {
        return { shell: await lease.shell(options), release: lease.release };
      } catch (error) {
        lease.release();
        throw error;
      }
    } catch (error) {
      if (!(error instanceof SshError)) throw error;
      const { message } = await whyUnreachable(error, { ...host, hops: host.route }, hostKeys);
      return { unreachable: message };
    }
  };
}
