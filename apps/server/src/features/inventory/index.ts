import type { Knex } from 'knex';
import type { Database } from '../../db/database.ts';
import type { WriteAudit } from '../audit/writer.ts';
import { emptyTerms } from './emptyTerms.ts';
import { createGroups } from './groups.ts';
import { createHandlers, type InventoryHandlers } from './handlers.ts';
import { createHostKeyRecorder, type RecordHostKey } from './hostKeyRecorder.ts';
import { createCheckUse, createHostKeys } from './hostKeys.ts';
import { type EndpointTrust, trustOf } from './hostKeyTrust.ts';
import { createHostNames, type HostNames } from './hostNames.ts';
import { createHosts } from './hosts.ts';
import { createHostTable } from './hostTable.ts';
import { createImports } from './import/index.ts';
import { createKnownHosts } from './knownHosts.ts';
import { resolveIds, resolveSelector } from './resolve.ts';
import type { CredentialNames, Endpoint, ResolvedHost, RunHistory } from './types.ts';
import { createZones, type Zones } from './zones.ts';

export type { EndpointTrust } from './hostKeyTrust.ts';
export {
  type CredentialNames,
  type Endpoint,
  endpointKey,
  type ResolvedHost,
} from './types.ts';

export interface Inventory {
  readonly handlers: InventoryHandlers;
  /** The hosts a selector means now, by name. SELECTOR_INVALID when it cannot be read. */
  resolve(on: Knex, selector: string): Promise<ResolvedHost[]>;
  /** Those of these hosts that are still there, as they are now. */
  resolveIds(on: Knex, ids: readonly string[]): Promise<ResolvedHost[]>;
  /** Terms of a selector that mean no server at all (misspelt, or gone): worth a warning in a plan. */
  emptyTerms(on: Knex, selector: string): Promise<string[]>;
  readonly hostKeys: {
    /** By `endpointKey`; every endpoint asked for is in the answer. */
    trustOf(on: Knex, endpoints: readonly Endpoint[]): Promise<Map<string, EndpointTrust>>;
    /** Writes down a key that a server showed, in its own transaction; answers the state it has now. */
    record: RecordHostKey;
  };
  readonly names: HostNames;
  readonly zones: Pick<Zones, 'reachedByWorkers' | 'limits' | 'byName' | 'namesById'>;
  /** Makes what a first start needs. */
  ensureDefaults(): Promise<void>;
}

export function createInventory({
  db,
  audit,
  credentials,
  history,
  zonesChanged = async () => {},
  clock = Date.now,
}: {
  db: Database;
  audit: WriteAudit;
  credentials: CredentialNames;
  history: RunHistory;
  /** After the commit of a change of zones. */
  zonesChanged?: () => Promise<void>;
  clock?: () => number;
}): Inventory {
  const hosts = createHosts({ db, credentials, clock });
  const table = createHostTable({ db, hosts, history });
  const imports = createImports({ db, hosts, credentials, clock });
  const groups = createGroups({ db, clock });
  const zones = createZones({ db, credentials, clock });
  const checkUse = createCheckUse(credentials);
  const hostKeys = createHostKeys({ db, checkUse });
  const knownHosts = createKnownHosts({ db, checkUse, clock });
  return {
    handlers: createHandlers({
      knex: db.knex,
      clock,
      hosts,
      table,
      imports,
      groups,
      zones,
      hostKeys,
      knownHosts,
      zonesChanged,
    }),
    resolve: (on, selector) => resolveSelector(on, selector, { kind: db.kind, credentials }),
    resolveIds: (on, ids) => resolveIds(on, ids, { credentials }),
    emptyTerms: (on, selector) => emptyTerms(on, selector, db.kind),
    hostKeys: { trustOf, record: createHostKeyRecorder({ db, audit, clock }) },
    names: createHostNames(db),
    zones,
    ensureDefaults: () => zones.ensureDefault(),
  };
}
