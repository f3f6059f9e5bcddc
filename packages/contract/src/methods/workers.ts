import { z } from 'zod';
import { change, query } from '../method.ts';
import { idSchema, nameSchema, okSchema, pageOf, pageParams } from '../models/common.ts';
import { controlSchema } from '../models/runs.ts';
import {
  claimedShardSchema,
  hostAttemptSchema,
  hostResultSchema,
  maxShard,
  newChunkSchema,
  ordersSchema,
  planPartSchema,
  probeResultSchema,
  seenHostKeySchema,
  workerKeySchema,
  workerSchema,
  workerSettingsSchema,
} from '../models/workers.ts';

/** One start of a worker: what an earlier process of the same worker held is not this one's. */
const instance = idSchema.describe('made by the worker process when it starts');
const maxHeldRuns = 1000;

const want = z.int().min(0).max(maxShard).describe('servers to claim at most');

export const workerMethods = {
  'workers.list': query({
    permission: 'worker.read',
    summary: 'Zone workers, by name: which are connected, what they do',
    params: z.strictObject(pageParams),
    result: pageOf(workerSchema),
  }),
  'workers.add': change({
    permission: 'access.write',
    summary: 'Let a worker work for a zone: it is shown the credentials of that zone’s servers, shard by shard',
    params: z.strictObject({ name: nameSchema, zone: nameSchema, publicKey: workerKeySchema }),
    result: workerSchema,
  }),
  'workers.revoke': change({
    permission: 'access.write',
    summary: 'Cut a worker off at once; what it was running becomes lost, and its key is never accepted again',
    params: z.strictObject({ name: nameSchema }),
    result: okSchema,
  }),

  // What a worker may call, and nothing else. These are repeatable: leases, attempts and numbered chunks make a call
  // that comes twice change nothing twice, so they need no call id; and the run itself records what they did.
  'worker.claim': query({
    permission: 'worker',
    summary: 'Wait for work of the worker’s zone, for a change of a run it holds, or for a credential that went stale',
    params: z.strictObject({
      instance,
      version: z.string().max(40),
      want,
      waitMs: z.int().min(0).max(20_000),
      holding: z
        .array(z.strictObject({ runId: idSchema, control: controlSchema, graceMs: z.int() }))
        .max(maxHeldRuns)
        .default([])
        .describe('runs it works on, with the control as it knows it'),
      credentials: z
        .array(z.strictObject({ id: idSchema, version: z.int() }))
        .max(5000)
        .default([])
        .describe('those that its open connections may have signed in with'),
      plan: z
        .strictObject({ runId: idSchema, part: z.int().min(0).max(1000) })
        .optional()
        .describe('asks for a piece of the plan of a run it holds, and for nothing else'),
    }),
    result: z.object({
      settings: workerSettingsSchema,
      shards: z.array(claimedShardSchema),
      plan: planPartSchema.optional(),
      controls: z
        .array(z.object({ runId: idSchema, control: controlSchema, graceMs: z.int() }))
        .describe('runs of which the operators want something else than the worker knows'),
      stale: z.array(idSchema).describe('credentials that were replaced or removed'),
    }),
  }),
  'worker.begin': query({
    permission: 'worker',
    summary: 'Commit servers as running: only for these may the script be sent',
    params: z.strictObject({ instance, runId: idSchema, hosts: z.array(hostAttemptSchema).min(1).max(maxShard) }),
    result: z.object({ begun: z.array(z.int()), orders: ordersSchema }),
  }),
  'worker.report': query({
    permission: 'worker',
    summary: 'Hand in output, results and host keys of servers the worker holds, and claim more of the run',
    params: z.strictObject({
      instance,
      runId: idSchema,
      chunks: z.array(newChunkSchema).max(10_000).default([]),
      results: z.array(hostResultSchema).max(1000).default([]),
      probed: z.array(probeResultSchema).max(maxShard).default([]),
      hostKeys: z.array(seenHostKeySchema).max(maxShard).default([]),
      want,
    }),
    result: z.object({
      accepted: z.array(z.int()).describe('results that counted; the others came too late and are kept as evidence'),
      shards: z.array(claimedShardSchema),
      orders: ordersSchema,
    }),
    secretParams: ['chunks', 'results', 'probed'],
  }),
  'worker.renew': query({
    permission: 'worker',
    summary: 'Say that the worker is alive and still works on these servers',
    params: z.strictObject({
      instance,
      holding: z
        .array(z.strictObject({ runId: idSchema, ordinals: z.array(z.int().min(0)).max(100_000) }))
        .max(maxHeldRuns),
    }),
    result: okSchema,
  }),
};
