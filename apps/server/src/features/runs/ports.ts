import type { PlanHost } from '@omanager/contract';
import type { Manifest } from '@omanager/task-module';
import type { Knex } from 'knex';

/** What the runs feature needs of others, as narrow as it uses it. */

export interface RouteHop {
  hostId: string;
  name: string;
  address: string;
  port: number;
  user: string;
  zoneId: string;
  credentialId: string | null;
  credential: { name: string; version: number } | null;
}

export interface ResolvedHost {
  id: string;
  name: string;
  address: string;
  port: number;
  user: string;
  zoneId: string;
  zone: string;
  environment: string;
  credentialId: string | null;
  credential: { name: string; version: number } | null;
  route: readonly RouteHop[];
}

export interface Endpoint {
  zoneId: string;
  address: string;
  port: number;
}

export interface Trust {
  keys: readonly { type: string; key: string }[];
  revoked: readonly string[];
  fingerprints: readonly string[];
  policy: 'ask' | 'accept';
}

export interface InventoryPort {
  /** The hosts of a selector, by name. */
  resolve(on: Knex, selector: string): Promise<ResolvedHost[]>;
  /** Terms of a selector that mean no server at all: misspelt, or gone. */
  emptyTerms(on: Knex, selector: string): Promise<string[]>;
  /** How many hosts of a zone may be busy at once over all runs, for zones that have such a limit. */
  zoneLimits(on: Knex): Promise<Record<string, number>>;
  trustOf(on: Knex, endpoints: readonly Endpoint[]): Promise<Map<string, Trust>>;
  /** The key of an endpoint in what `trustOf` returns. */
  endpointKey(endpoint: Endpoint): string;
}

export interface ModulesPort {
  /** By id, number, id@version or draft; NOT_FOUND for what is not offered. */
  get(on: Knex, ref: string): Promise<{ manifest: Manifest; digest: string }>;
  /** Refuses a version whose module was retired meanwhile. */
  requireOffered(on: Knex, digest: string): Promise<void>;
  manifest(digest: string): Promise<Manifest>;
}

/** What one body kind can tell about a run before it starts. */
export interface BodyPort {
  /** The script as it will run, secrets masked; throws OmError for input that cannot work. */
  preview(manifest: Manifest, input: RunInput): string;
}

/** What an operator filled in: defaults applied, validated. Sealed in the store, because of secrets and files. */
export interface RunInput {
  params: Record<string, unknown>;
  files: Record<string, { name: string; data: string }>;
}

/** A plan's host as frozen, with what the engine needs to reach it. */
export interface FrozenHost extends PlanHost {
  zoneId: string;
  credentialId: string | null;
  hops: readonly RouteHop[];
}
