import { OmError, type ParamsOf, type Plan } from '@omanager/contract';
import { compileLineFilter, type Manifest } from '@omanager/task-module';
import type { FrozenHost } from '../ports.ts';

type Asked = Pick<ParamsOf<'runs.plan'>, 'parallel' | 'rollout' | 'timeoutMs' | 'filter'>;

/** Limits that keep servers waiting; who follows waits for nobody, since nobody ends before it is told to. */
export interface FollowLimits {
  maxParallel: number;
  /** Servers that all runs of the module together may be busy on; null: no limit. */
  moduleLimit: number | null;
  /** Of servers in a zone, by its id. */
  zoneLimits: Readonly<Record<string, number>>;
}

const defaultMs = 3_600_000;
/** Where the manifest says nothing. */
const longestMs = 24 * 3_600_000;

/** A module that follows runs on all its servers at the same time, until it is stopped or its time is up. */
export function planFollow(
  manifest: Manifest,
  asked: Asked,
  hosts: readonly FrozenHost[],
  limits: FollowLimits,
): Pick<Plan, 'parallel' | 'timeoutMs' | 'filter'> {
  const { canary, waves, wait, stopWhen, perZone } = asked.rollout ?? {};
  if ([asked.parallel, canary, waves, wait, stopWhen, perZone].some((given) => given !== undefined))
    throw new OmError(
      'INVALID_PARAMS',
      `${manifest.id} follows: it runs on all its servers at once, without waves and limits.`,
    );
  requireAtOnce(manifest, hosts, limits);
  const most = manifest.limits.timeoutMs ?? longestMs;
  const timeoutMs = asked.timeoutMs ?? Math.min(defaultMs, most);
  if (timeoutMs > most) throw new OmError('LIMIT', `${manifest.id} may follow for ${durationOf(most)} at most.`);
  return { parallel: hosts.length, timeoutMs, filter: filterOf(asked) };
}

/** A filter belongs to what follows: elsewhere all output is kept. */
export function refuseFilter(manifest: Manifest, { filter }: Asked): null {
  if (!filter) return null;
  throw new OmError('INVALID_PARAMS', `${manifest.id} does not follow, so that its output is kept whole: no filter.`);
}

function requireAtOnce(manifest: Manifest, hosts: readonly FrozenHost[], limits: FollowLimits): void {
  const refuse = (wanted: number, what: string, most: number): never => {
    throw new OmError(
      'LIMIT',
      `${manifest.id} follows: it runs on all its servers at the same time. The selector means ${wanted}${what} ${most}.`,
    );
  };
  const { maxParallel, moduleLimit, zoneLimits } = limits;
  if (hosts.length > maxParallel) refuse(hosts.length, '; this server runs one module on at most', maxParallel);
  if (moduleLimit !== null && hosts.length > moduleLimit)
    refuse(hosts.length, '; limits.running of the module is', moduleLimit);
  for (const [zoneId, most] of Object.entries(zoneLimits)) {
    const inZone = hosts.filter((host) => host.zoneId === zoneId);
    if (inZone.length > most) refuse(inZone.length, ` in zone ${inZone[0]?.zone ?? zoneId}, whose limit is`, most);
  }
}

function filterOf({ filter }: Asked): Plan['filter'] {
  if (!filter) return null;
  const compiled = compileLineFilter(filter);
  if (typeof compiled === 'string') throw new OmError('INVALID_PARAMS', compiled);
  return filter;
}

/** 12 m, 1 h 30 m, 45 s. */
function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  return parts.flatMap(([n, unit]) => (n > 0 ? [`${n} ${unit}`] : [])).join(' ') || '0 s';
}
