import { createHash, createHmac } from 'node:crypto';
import type { Plan } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Endpoint, FrozenHost, InventoryPort, ResolvedHost, RunInput, Trust } from '../ports.ts';

/** The hosts of a selector with everything that decides where and as whom the script will run. */
export async function freezeHosts(
  inventory: InventoryPort,
  on: Knex,
  selector: string,
): Promise<{ hosts: FrozenHost[]; trust: Map<string, Trust> }> {
  const resolved = await inventory.resolve(on, selector);
  const endpoints = new Map<string, Endpoint>();
  for (const host of resolved) {
    for (const end of [host, ...host.route]) endpoints.set(inventory.endpointKey(end), end);
  }
  const trust = await inventory.trustOf(on, [...endpoints.values()]);
  const fingerprints = (end: Endpoint) => trust.get(inventory.endpointKey(end))?.fingerprints ?? [];
  return { hosts: resolved.map((host, ordinal) => freezeHost(host, ordinal, fingerprints(host))), trust };
}

function freezeHost(host: ResolvedHost, ordinal: number, fingerprints: readonly string[]): FrozenHost {
  return {
    ordinal,
    hostId: host.id,
    name: host.name,
    address: host.address,
    port: host.port,
    user: host.user,
    zone: host.zone,
    zoneId: host.zoneId,
    environment: host.environment,
    route: host.route.map(({ name }) => name),
    hops: host.route,
    credential: host.credential && `${host.credential.name}@${host.credential.version}`,
    credentialId: host.credentialId,
    hostKey: fingerprints.length > 0 ? [...fingerprints].sort().join(' ').slice(0, 100) : null,
  };
}

interface Frozen {
  plan: Pick<Plan, 'module' | 'runAs' | 'parallel' | 'rollout' | 'timeoutMs' | 'filter'>;
  input: RunInput;
  /** Params that hold secrets: they enter the digest by HMAC, so that the digest is no guessing oracle. */
  secretParams: readonly string[];
  hosts: FrozenHost[];
  secretKey: Uint8Array;
}

/** SHA-256 over everything that will happen. Start, retry and audit speak of this digest. */
export function digestPlan({ plan, input, secretParams, hosts, secretKey }: Frozen): string {
  const secrets = new Set(secretParams);
  const hmac = (name: string, text: string) => createHmac('sha256', secretKey).update(`${name}\0${text}`).digest('hex');
  const params = Object.keys(input.params)
    .sort()
    .map((name) => {
      const text = JSON.stringify(input.params[name]);
      return [name, secrets.has(name) ? { hmac: hmac(name, text) } : text];
    });
  const files = Object.keys(input.files)
    .sort()
    .map((name) => {
      const { name: fileName = '', data = '' } = input.files[name] ?? {};
      return [name, fileName, secrets.has(name) ? hmac(name, data) : sha256(Buffer.from(data, 'base64'))];
    });
  const { module, runAs, parallel, rollout, timeoutMs, filter } = plan;
  return sha256(
    JSON.stringify({
      module: module.digest,
      runAs,
      parallel,
      rollout,
      timeoutMs,
      ...(filter ? { filter } : {}),
      params,
      files,
      hosts: hosts.map(hostFacts),
    }),
  );
}

/** What must not change between the plan and the start, in a fixed order. */
function hostFacts(host: FrozenHost): unknown[] {
  const hops = host.hops.map((hop) => [
    hop.hostId,
    hop.address,
    hop.port,
    hop.user,
    hop.credentialId,
    hop.credential?.version ?? null,
  ]);
  return [
    host.hostId,
    host.name,
    host.address,
    host.port,
    host.user,
    host.environment,
    host.zone,
    host.credentialId,
    host.credential,
    host.hostKey,
    hops,
  ];
}

/** Says in words what differs between the plan and now; empty when it still holds. */
export function differences(planned: FrozenHost[], now: FrozenHost[]): string[] {
  const byId = new Map(now.map((host) => [host.hostId, host]));
  const found: string[] = [];
  for (const was of planned) {
    const is = byId.get(was.hostId);
    byId.delete(was.hostId);
    if (!is) found.push(`${was.name} is no longer meant by the selector`);
    // A key that was waiting and has since been accepted by an operator is what the plan was waiting for.
    else if (
      JSON.stringify(hostFacts({ ...is, hostKey: was.hostKey === null ? null : is.hostKey })) !==
      JSON.stringify(hostFacts(was))
    )
      found.push(`${was.name}: ${changedFields(was, is)} changed`);
  }
  for (const host of byId.values()) found.push(`${host.name} is new`);
  return found;
}

function changedFields(was: FrozenHost, is: FrozenHost): string {
  const fields = ['name', 'address', 'port', 'user', 'environment', 'zone', 'credential', 'hostKey'] as const;
  const changed = fields
    .filter((field) => was[field] !== is[field])
    .map((field) => (field === 'hostKey' ? 'host key' : field));
  return changed.length > 0 ? changed.join(', ') : 'route';
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
