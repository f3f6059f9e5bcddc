import type { HostRow } from '@omanager/contract';
import type { Knex } from 'knex';

/** What inventory asks of the vault: names and versions, never secrets. */
export interface CredentialNames {
  /** Ids of the credentials that exist among `names`. */
  idsByName(on: Knex, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  byIds(on: Knex, ids: readonly string[]): Promise<ReadonlyMap<string, CredentialRef>>;
}

export interface CredentialRef {
  readonly name: string;
  readonly version: number;
}

/** Where a host key belongs: two zones may use the same address for different servers. */
export interface Endpoint {
  readonly zoneId: string;
  readonly address: string;
  readonly port: number;
}

export function endpointKey({ zoneId, address, port }: Endpoint): string {
  return `${zoneId}|${port}|${address}`;
}

/** One SSH server on the way to a host. */
export interface RouteHop extends Endpoint {
  readonly hostId: string;
  readonly name: string;
  readonly user: string;
  readonly credentialId: string | null;
  readonly credential: CredentialRef | null;
}

/** A host with everything a plan freezes. */
export interface ResolvedHost extends Endpoint {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly zone: string;
  readonly environment: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Paths of its groups, sorted. */
  readonly groups: string[];
  readonly credentialId: string | null;
  readonly credential: CredentialRef | null;
  /** Jump hosts, outermost first; empty when reached directly. */
  readonly route: RouteHop[];
}

/**
 * What runs tell of hosts. `sql` are expressions over a column with the host's id: the tables that they look into
 * belong to the runs.
 */
export interface RunHistory {
  readonly sql: {
    /** Id of the newest run; ids follow time. */
    last(hostId: string): string;
    /** Id of the newest run in which a connection was tried. */
    contact(hostId: string): string;
    unreachable(hostId: string): string;
    notOk(hostId: string): string;
    neverRan(hostId: string): string;
  };
  /** By host id. */
  describe(
    on: Knex,
    hosts: readonly { hostId: string; last: string | null; contact: string | null }[],
  ): Promise<ReadonlyMap<string, Pick<HostRow, 'lastRun' | 'contact'>>>;
}
