import { once } from 'node:events';
import type { Config } from '../../config.ts';
import { connectRedis, type RedisSettings } from '../../redis.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const patienceMs = 5000;
const oldest = [6, 2] as const;

/** Whether the Redis of queue and bus answers, and keeps what it is told. */
export async function checkRedis({ redis }: Config): Promise<Finding[]> {
  if (!redis) return [];
  let facts: Map<string, string>;
  try {
    facts = await factsOf(redis);
  } catch (error) {
    const message = `it cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
    return [problem('redis', message, 'start it, or correct OM_REDIS_URL; until then runs only go on by sweeping')];
  }
  return [checkVersion(facts), checkPolicy(facts)];
}

/** What INFO says, as names and values. Throws the reason when it cannot be asked. */
async function factsOf(redis: RedisSettings): Promise<Map<string, string>> {
  const failed = Promise.withResolvers<never>();
  const client = connectRedis(redis, 'fail', failed.reject);
  try {
    const ready = once(client, 'ready', { signal: AbortSignal.timeout(patienceMs) });
    await Promise.race([ready, failed.promise]);
    const text = await Promise.race([client.info(), failed.promise]);
    return new Map(text.split('\r\n').map((line): [string, string] => [before(line), after(line)]));
  } finally {
    client.disconnect();
  }
}

const before = (line: string) => line.slice(0, line.indexOf(':'));
const after = (line: string) => line.slice(line.indexOf(':') + 1);

function checkVersion(facts: ReadonlyMap<string, string>): Finding {
  const version = facts.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return ok('redis', `Redis ${version} answers`);
  return problem('redis', `its version is ${version}`, `install Redis ${oldest.join('.')} or newer`);
}

function checkPolicy(facts: ReadonlyMap<string, string>): Finding {
  const policy = facts.get('maxmemory_policy');
  if (policy === 'noeviction') return ok('redis', 'it throws nothing away when memory is short');
  const message = `maxmemory-policy is ${policy ?? 'unknown'}: it may throw wake-ups away when memory is short`;
  return warning('redis', message, 'set maxmemory-policy noeviction in its configuration');
}
