import { z } from 'zod';
import { idSchema, nameSchema, timeSchema } from './common.ts';
import { controlSchema, hostRunSchema, hostStateSchema, unreachableReasons } from './runs.ts';

/** A zone worker as an operator sees it. */
export const workerSchema = z.object({
  id: idSchema,
  name: nameSchema,
  zone: nameSchema,
  publicKey: z.string(),
  state: z
    .enum(['new', 'connected', 'away', 'revoked'])
    .describe('new: admitted, never seen; away: nothing was heard of it for half a minute'),
  version: z.string().nullable(),
  address: z.string().nullable().describe('where it came from last'),
  hosts: z.int().describe('servers it works on now'),
  addedBy: z.string(),
  addedAt: timeSchema,
  lastSeenAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
});
export type ZoneWorker = z.infer<typeof workerSchema>;

/** The key of a worker, as `omserver worker` prints it: 43 characters of base64url. */
export const workerKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a public key as omserver worker prints it');

/** Most hosts that one call of a worker may name. */
export const maxShard = 100;
const ordinalSchema = z.int().min(0).max(1_000_000);
const attemptSchema = z.int().min(1).max(1_000_000);
const sealedSchema = z.base64().describe('sealed to the key of the worker that asked');

export const hostAttemptSchema = z.object({ ordinal: ordinalSchema, attempt: attemptSchema });

/** What the operators want of a run now. */
export const ordersSchema = z.object({
  control: controlSchema,
  graceMs: z.int(),
  forced: z.boolean(),
  outputBytes: z.int().describe('stored for the run so far'),
});

/** Hosts that now belong to the worker, for as long as it renews its lease. */
export const claimedShardSchema = z.object({
  runId: idSchema,
  orders: ordersSchema,
  hosts: z.array(
    z.object({
      ordinal: ordinalSchema,
      attempt: attemptSchema,
      task: z
        .enum(['run', 'probe', 'kill'])
        .describe('probe: ask what became of a lost script; kill: end what is left'),
    }),
  ),
  sealed: sealedSchema,
});

/** A piece of what all shards of a run share: module, parameters and files. */
export const planPartSchema = z.object({ runId: idSchema, part: z.int(), parts: z.int(), sealed: sealedSchema });

/** What a server needs of its workers, so that every worker keeps the same times and limits. */
export const workerSettingsSchema = z.object({
  workerId: idSchema,
  zone: nameSchema,
  zoneId: idSchema,
  leaseMs: z.int(),
  outputCapBytes: z.int().describe('kept for one server of a run'),
  runCapBytes: z.int().nullable().describe('kept for a whole run; null: no limit'),
  diskIsLow: z.boolean().describe('output is not kept at all'),
});
export type WorkerSettings = z.infer<typeof workerSettingsSchema>;

const countSchema = z.int().min(0);

/** How one attempt on one host ended. */
export const hostResultSchema = z.object({
  ordinal: ordinalSchema,
  attempt: attemptSchema,
  state: hostStateSchema.extract([
    'ok',
    'failed',
    'unreachable',
    'timed_out',
    'aborted',
    'lost',
    'not_started',
    'pending',
  ]),
  reason: z.enum(unreachableReasons).nullable().optional(),
  message: z.string().max(10_000).nullable().optional(),
  exitCode: z.int().nullable().optional(),
  stdoutBytes: countSchema.optional(),
  stderrBytes: countSchema.optional(),
  discardedBytes: countSchema.optional(),
  discardedFor: hostRunSchema.shape.discardedFor.optional(),
  fold: z.string().max(64).nullable().optional(),
  filteredLines: countSchema.optional(),
  foldMasked: z.string().max(64).nullable().optional(),
  survivors: z.array(z.int()).max(1000).optional(),
});

/** A host is asked what became of a script, or told to end what is left of it. */
export const probeAsks = ['look', 'kill'] as const;
export type ProbeAsk = (typeof probeAsks)[number];

/** What a host said of an attempt of which nobody knew how it ended. */
export const probeResultSchema = z.object({
  ordinal: ordinalSchema,
  attempt: attemptSchema,
  ask: z.enum(probeAsks),
  found: z.enum(['finished', 'running', 'unknown', 'unreachable']),
  exitCode: z.int().nullable(),
  pid: z.int().nullable(),
  survivors: z.array(z.int()).max(1000),
  message: z.string().max(10_000),
  tail: z.base64().max(1_048_576).nullable(),
});

/** A piece of masked output. */
export const newChunkSchema = z.object({
  ordinal: ordinalSchema,
  attempt: attemptSchema,
  seq: z.int().min(1),
  stream: z.enum(['stdout', 'stderr']),
  data: z.base64().max(1_048_576),
  keepFrom: z.int().min(1).optional().describe('older chunks of the attempt make room'),
  lines: countSchema.describe('that begin in it'),
  before: z
    .strictObject({
      stdoutBytes: countSchema,
      stderrBytes: countSchema,
      stdoutLines: countSchema,
      stderrLines: countSchema,
    })
    .describe('what stands before it'),
});

/** A key that a server showed while the worker connected to it, or to a jump host on the way (`hop`, from 1). */
export const seenHostKeySchema = z.object({
  ordinal: ordinalSchema,
  hop: z.int().min(1).max(16).nullable(),
  key: z.base64().max(16_384),
  why: z.enum(['unknown', 'changed', 'accepted']),
});
