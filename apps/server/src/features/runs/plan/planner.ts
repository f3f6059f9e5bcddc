import { isProduction, OmError, type ParamsOf, type Plan, redacted } from '@omanager/contract';
import { type Manifest, secretParamsOf, validateParams } from '@omanager/task-module';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import { iso } from '../../../db/page.ts';
import type { BodyPort, FrozenHost, InventoryPort, ModulesPort, RunInput, Trust } from '../ports.ts';
import { planFollow, refuseFilter } from './followPlan.ts';
import { digestPlan, freezeHosts } from './freeze.ts';
import { gateFor } from './gates.ts';
import type { Planned } from './planStore.ts';
import { inOrder, resolveRollout } from './rollout.ts';

export interface PlannerOptions {
  inventory: InventoryPort;
  modules: ModulesPort;
  bodies: BodyPort;
  /** Keys the HMAC by which secrets enter the digest. */
  secretKey: Uint8Array;
  limits: { maxHosts: number; maxParallel: number; defaultParallel: number; defaultTimeoutMs: number };
  now(): number;
}

const planLifeMs = 30 * 60_000;
const namesInWarning = 20;

/** Turns what an operator asked for into a plan: everything resolved, checked, rendered and frozen. Starts nothing. */
export function createPlanner({ inventory, modules, bodies, secretKey, limits, now }: PlannerOptions) {
  return async (on: Knex, asked: ParamsOf<'runs.plan'>): Promise<Planned> => {
    const { manifest, digest: moduleDigest } = await modules.get(on, asked.module);
    const input = checkInput(manifest, asked);
    const { hosts: found, trust } = await freezeHosts(inventory, on, asked.selector);
    checkHosts(manifest, found, limits.maxHosts);
    const environments = tally(found, ({ environment }) => environment);
    const rollout = resolveRollout({
      draft: asked.rollout,
      // What follows has no second wave: its first one has no end.
      risk: manifest.follow ? 'read' : manifest.risk,
      total: found.length,
      production: Object.keys(environments).some(isProduction),
    });
    const hosts = inOrder(found, rollout.order);
    const shared = { moduleLimit: manifest.limits.running ?? null, zoneLimits: await inventory.zoneLimits(on) };
    const at = now();
    const secretParams = secretParamsOf(manifest);
    const plan: Plan = {
      id: uuid(),
      digest: '',
      createdAt: iso(at),
      expiresAt: iso(at + planLifeMs),
      module: {
        id: manifest.id,
        version: manifest.version,
        digest: moduleDigest,
        title: manifest.title,
        risk: manifest.risk,
      },
      selector: asked.selector,
      params: shownParams(input, secretParams),
      script: bodies.preview(manifest, input),
      runAs: manifest.runAs === 'login' ? null : manifest.runAs,
      parallel: Math.min(asked.parallel ?? manifest.limits.parallel ?? limits.defaultParallel, limits.maxParallel),
      rollout,
      timeoutMs: asked.timeoutMs ?? manifest.limits.timeoutMs ?? limits.defaultTimeoutMs,
      follow: manifest.follow ?? false,
      ...(manifest.follow
        ? planFollow(manifest, asked, hosts, { maxParallel: limits.maxParallel, ...shared })
        : { filter: refuseFilter(manifest, asked) }),
      total: hosts.length,
      environments,
      zones: tally(hosts, ({ zone }) => zone),
      warnings: [...(await selectorWarnings(inventory, on, asked.selector)), ...warningsOf(hosts, trust, inventory)],
      gate: gateFor(manifest.risk, Object.keys(environments), hosts.length),
    };
    return {
      plan: { ...plan, digest: digestPlan({ plan, input, secretParams, hosts, secretKey }) },
      input,
      hosts,
      limits: shared,
    };
  };
}

function checkInput(manifest: Manifest, asked: ParamsOf<'runs.plan'>): RunInput {
  const files = Object.fromEntries(
    Object.entries(asked.files).map(([name, file]) => [name, { name: file.name, data: file.data }]),
  );
  const { values, problems } = validateParams(manifest, { ...asked.params, ...files });
  if (problems.length > 0) {
    const message = problems.map(({ param, message: { en } }) => `${param}: ${en}`).join('; ');
    throw new OmError('INVALID_PARAMS', message, {
      problems: problems.map(({ param, message, code }) => ({
        path: `params.${param}`,
        message: message.en,
        zh: message.zh,
        code,
      })),
    });
  }
  const params = Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(files, name)));
  return { params, files };
}

function checkHosts(manifest: Manifest, hosts: FrozenHost[], maxHosts: number): void {
  if (hosts.length === 0) throw new OmError('NO_HOSTS');
  const most = Math.min(manifest.limits.maxHosts ?? maxHosts, maxHosts);
  if (hosts.length > most) {
    throw new OmError(
      'LIMIT',
      `${manifest.id} may run on ${most} servers at once; the selector means ${hosts.length}.`,
    );
  }
}

function shownParams({ params, files }: RunInput, secretParams: readonly string[]): Record<string, unknown> {
  const shown = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, secretParams.includes(name) ? redacted : value]),
  );
  const named = Object.entries(files).map(([param, { name, data }]) => [
    param,
    { name, bytes: Buffer.byteLength(data, 'base64') },
  ]);
  return { ...shown, ...Object.fromEntries(named) };
}

async function selectorWarnings(inventory: InventoryPort, on: Knex, selector: string): Promise<Plan['warnings']> {
  const terms = await inventory.emptyTerms(on, selector);
  return terms.map((term) => ({
    code: 'empty_term',
    message: `${term} means no server; is it spelt right?`,
    hosts: [],
    count: 0,
  }));
}

function warningsOf(hosts: FrozenHost[], trust: Map<string, Trust>, inventory: InventoryPort): Plan['warnings'] {
  const warnings: Plan['warnings'] = [];
  const warn = (code: string, message: string, which: FrozenHost[]) => {
    if (which.length > 0)
      warnings.push({
        code,
        message,
        hosts: which.slice(0, namesInWarning).map(({ name }) => name),
        count: which.length,
      });
  };
  warn(
    'no_credential',
    'no credential, so they cannot be reached; set one with om hosts set',
    hosts.filter(({ credentialId }) => credentialId === null),
  );
  const asks = (host: FrozenHost) =>
    host.hostKey === null && trust.get(inventory.endpointKey(host))?.policy !== 'accept';
  warn('host_key_unknown', 'nobody has said yes to their host key yet; see om hostkeys list', hosts.filter(asks));
  return warnings;
}

function tally(hosts: FrozenHost[], key: (host: FrozenHost) => string): Record<string, number> {
  const counts: Record<string, number> = Object.create(null);
  for (const host of hosts) counts[key(host)] = (counts[key(host)] ?? 0) + 1;
  return { ...counts };
}
