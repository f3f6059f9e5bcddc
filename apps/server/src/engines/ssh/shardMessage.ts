import { credentialSecretSchema, OmError } from '@omanager/contract';
import { z } from 'zod';
import type { FrozenHost, InventoryPort, Trust } from '../../features/runs/ports.ts';
import type { ShardHosts, ShardPlan } from './shard.ts';

/** A shard on its way to a worker of another zone, as JSON. It is sealed before it leaves: secrets are open in it. */

const format = 1;

/** The server made it from this very type and sealed it: only as much is looked at as finds another version of it. */
const made = <T>(shape: z.ZodType) => z.custom<T>((value) => shape.safeParse(value).success);

const hopShape = z.looseObject({ zoneId: z.string(), address: z.string(), port: z.int() });
const hostShape = z.looseObject({ ordinal: z.int(), address: z.string(), hops: z.array(hopShape) });
const planShape = z.looseObject({ manifest: z.looseObject({}), input: z.looseObject({}), timeoutMs: z.int() });
const trustShape = z.looseObject({ policy: z.enum(['ask', 'accept']) });

const planSchema = z.object({ format: z.literal(format), plan: made<ShardPlan>(planShape) });
const hostsSchema = z.object({
  format: z.literal(format),
  hosts: z.array(made<FrozenHost>(hostShape)),
  credentials: z.array(
    z.object({ id: z.string(), name: z.string(), version: z.int(), secret: credentialSecretSchema }),
  ),
  trust: z.array(z.tuple([z.string(), made<Trust>(trustShape)])),
  lost: z.array(z.tuple([z.int(), z.array(z.int())])),
  /** Absent in what a server before it has sealed. */
  agentKeys: z.array(z.tuple([z.int(), z.object({ id: z.string(), hostId: z.string(), key: z.string() })])).optional(),
});

export function encodePlan(plan: ShardPlan): Buffer {
  return Buffer.from(JSON.stringify({ format, plan }));
}

/** Throws OmError where server and worker do not speak the same. */
export function decodePlan(bytes: Uint8Array): ShardPlan {
  return read(planSchema, bytes).plan;
}

/** A key that is seen for the first time is accepted in the worker's own zone only: those of others are not for it to pin. */
export function encodeHosts(
  { hosts, credentials, trust, lost, agentKeys }: ShardHosts,
  { zoneId, endpointKey }: { zoneId: string; endpointKey: InventoryPort['endpointKey'] },
): Buffer {
  const ends = [...hosts.values()].flatMap((host) => [host, ...host.hops]);
  const foreign = new Set(ends.filter((end) => end.zoneId !== zoneId).map(endpointKey));
  const asWorkerTrusts = [...trust].map(([place, known]) => [
    place,
    foreign.has(place) ? { ...known, policy: 'ask' } : known,
  ]);
  const all = {
    ...{ hosts: [...hosts.values()], credentials: [...credentials.values()], lost: [...lost] },
    ...(agentKeys.size > 0 ? { agentKeys: [...agentKeys] } : {}),
  };
  return Buffer.from(JSON.stringify({ format, ...all, trust: asWorkerTrusts }));
}

export function decodeHosts(bytes: Uint8Array): ShardHosts {
  const { hosts, credentials, trust, lost, agentKeys = [] } = read(hostsSchema, bytes);
  return {
    hosts: new Map(hosts.map((host) => [host.ordinal, host])),
    credentials: new Map(credentials.map((one) => [one.id, one])),
    trust: new Map(trust),
    lost: new Map(lost),
    agentKeys: new Map(agentKeys),
  };
}

function read<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  const parsed = schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new OmError('INTERNAL', 'The server’s shard cannot be read; server and worker may differ in version.');
}
