import type { Knex } from 'knex';
import { keysAt } from './hostKeyStore.ts';
import { type Endpoint, endpointKey } from './types.ts';
import { allZones, type ZoneRow } from './zoneStore.ts';

/** What is known of one server's identity. */
export interface EndpointTrust {
  readonly keys: { type: string; key: string }[];
  /** Keys (base64) never to be accepted here. */
  readonly revoked: string[];
  /** Of the trusted keys, in the order of `keys`. */
  readonly fingerprints: string[];
  /** What a first key means: an operator is asked, or it is accepted. */
  readonly policy: ZoneRow['host_key_policy'];
}

/** By `endpointKey`; every endpoint asked for is in the answer. */
export async function trustOf(on: Knex, endpoints: readonly Endpoint[]): Promise<Map<string, EndpointTrust>> {
  const policies = new Map((await allZones(on)).map((zone) => [zone.id, zone.host_key_policy]));
  const known = await keysAt(on, endpoints);
  return new Map(
    endpoints.map((endpoint) => {
      const key = endpointKey(endpoint);
      const rows = known.get(key) ?? [];
      const trusted = rows.filter((row) => row.state === 'trusted');
      const trust: EndpointTrust = {
        keys: trusted.map((row) => ({ type: row.type, key: row.key_data })),
        revoked: rows.filter((row) => row.state === 'revoked').map((row) => row.key_data),
        fingerprints: trusted.map((row) => row.fingerprint),
        policy: policies.get(endpoint.zoneId) ?? 'ask',
      };
      return [key, trust];
    }),
  );
}
