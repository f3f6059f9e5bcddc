import { type Fleet, type Lease, SshError } from '@omanager/ssh-fleet';
import type { Endpoint, InventoryPort, ResolvedHost, Trust } from '../../features/runs/ports.ts';
import { type HostKeysPort, whyUnreachable } from './reach.ts';
import { type Places, targetNow } from './target.ts';
import type { OpenedCredential } from './types.ts';

export interface DirectSource {
  trustOf(endpoints: readonly Endpoint[]): Promise<ReadonlyMap<string, Trust>>;
  /** By id; absent are those that were removed. */
  openCredentials(ids: readonly string[]): Promise<ReadonlyMap<string, OpenedCredential>>;
}

interface Options extends DirectSource {
  fleet: Pick<Fleet, 'acquire'>;
  places: Places;
  endpointKey: InventoryPort['endpointKey'];
  hostKeys: HostKeysPort;
}

/** Uses a connection to a server as the inventory has it now; or says why there is none, for people. */
export type UseHost = <T>(
  host: ResolvedHost,
  signal: AbortSignal,
  use: (lease: Lease) => Promise<T>,
) => Promise<T | { unreachable: string }>;

/**
 * Reaches servers for a person who sits in front of them, over the same pool and by the same rules about host keys and
 * credentials as runs. The lease is released when `use` fails; else `use` has given it to somebody.
 */
export function createUseHost({ fleet, places, endpointKey, hostKeys, openCredentials, trustOf }: Options): UseHost {
  return async (host, signal, use) => {
    const ends = [host, ...host.route];
    const trust = await trustOf(ends);
    const credentials = await openCredentials(ends.flatMap(({ credentialId }) => credentialId ?? []));
    try {
      const lease = await fleet.acquire(targetNow(host, { credentials, trust, endpointKey, places }), signal);
      try {
        return await use(lease);
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
