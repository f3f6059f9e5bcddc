import { z } from 'zod';
import { idSchema, timeSchema, titleSchema } from './common.ts';
import { lineFilterSchema } from './follow.ts';
import { addressSchema, environmentSchema, hostNameSchema, loginSchema, portSchema } from './inventory.ts';
import { riskSchema } from './modules.ts';

export const hostStates = [
  'pending',
  'connecting',
  'running',
  'ok',
  'failed',
  'unreachable',
  'timed_out',
  'aborted',
  'lost',
  'not_started',
  'skipped',
] as const;
export const hostStateSchema = z.enum(hostStates);
export type HostState = z.infer<typeof hostStateSchema>;

export const unreachableReasons = [
  'dns',
  'refused',
  'timeout',
  'auth_failed',
  'host_key_unknown',
  'host_key_changed',
  'jump_failed',
] as const;

export const runStates = [
  'queued',
  'running',
  'pausing',
  'paused',
  'stopping',
  'succeeded',
  'partly_succeeded',
  'failed',
  'aborted',
] as const;
export const runStateSchema = z.enum(runStates);
export type RunState = z.infer<typeof runStateSchema>;

export const finalRunStates: ReadonlySet<RunState> = new Set(['succeeded', 'partly_succeeded', 'failed', 'aborted']);
export const finalHostStates: ReadonlySet<HostState> = new Set([
  'ok',
  'failed',
  'unreachable',
  'timed_out',
  'aborted',
  'lost',
  'not_started',
  'skipped',
]);

export const moduleRefSchema = z.object({
  id: z.string(),
  version: z.string(),
  digest: z.string(),
  title: titleSchema,
  risk: riskSchema,
});

/** One host as the plan froze it. */
export const planHostSchema = z.object({
  ordinal: z.int(),
  hostId: idSchema,
  name: hostNameSchema,
  address: addressSchema,
  port: portSchema,
  user: loginSchema,
  zone: z.string(),
  environment: environmentSchema,
  route: z.array(z.string()).describe('names of the jump hosts, outermost first'),
  credential: z.string().nullable().describe('name@version'),
  hostKey: z.string().nullable().describe('trusted fingerprint, or null when none is known yet'),
});
export type PlanHost = z.infer<typeof planHostSchema>;

/**
 * What the start must bring along as `confirm`. `agree` asks for a yes that names `phrase`: how many servers, and of
 * which environments. `confirm` asks for `phrase` to be typed and, where told, for a reason.
 */
export const gateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('agree'), phrase: z.string() }),
  z.object({ kind: z.literal('confirm'), phrase: z.string(), reason: z.boolean() }),
]);
export type Gate = z.infer<typeof gateSchema>;

const waveSizeSchema = z.union([
  z.int().min(1).max(100_000),
  z.string().regex(/^([1-9]\d?|100)%$/, 'a number of servers, or a percentage such as 10%'),
]);
/** Most waves that a plan may have. */
export const maxWaves = 100;

/** How a run spreads over its servers, as asked for. */
export const rolloutDraftSchema = z.strictObject({
  canary: z.int().min(1).max(1000).optional().describe('servers of a first wave, before `waves`'),
  waves: z
    .array(waveSizeSchema)
    .min(1)
    .max(maxWaves)
    .optional()
    .describe('sizes; the last repeats until all are in one'),
  wait: z
    .union([
      z.literal('ask'),
      z
        .int()
        .min(1000)
        .max(7 * 24 * 3_600_000),
    ])
    .optional()
    .describe('between waves: milliseconds, or "ask" to pause after each'),
  stopWhen: z
    .strictObject({
      failed: z.int().min(0).max(100_000).optional().describe('more servers than this, over the whole run'),
      percent: z.number().min(0).max(100).optional().describe('more than this share of a wave'),
      unreachable: z.boolean().default(true).describe('whether unreachable servers count'),
    })
    .refine(({ failed, percent }) => failed !== undefined || percent !== undefined, 'give failed, percent or both')
    .optional()
    .describe('stop: what has not started does not start'),
  order: z.enum(['inventory', 'random', 'by_zone']).default('inventory'),
  perZone: z.int().min(1).max(1000).optional().describe('servers of one zone at the same time'),
});
export type RolloutDraft = z.infer<typeof rolloutDraftSchema>;

/** The rollout of a plan, resolved. */
export const rolloutSchema = z.object({
  waves: z.array(z.int()).describe('servers in each wave; they start in the order of their ordinals'),
  waitMs: z.int().nullable(),
  ask: z.boolean().describe('pause after each wave'),
  stopWhen: z
    .object({ failed: z.int().nullable(), percent: z.number().nullable(), unreachable: z.boolean() })
    .nullable(),
  order: z.enum(['inventory', 'random', 'by_zone']),
  perZone: z.int().nullable(),
});
export type Rollout = z.infer<typeof rolloutSchema>;

export const planSchema = z.object({
  id: idSchema,
  digest: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  module: moduleRefSchema,
  selector: z.string(),
  params: z.record(z.string(), z.unknown()).describe('secrets shown as ••••'),
  script: z.string().describe('what will run, secrets masked'),
  runAs: z.string().nullable(),
  parallel: z.int(),
  rollout: rolloutSchema,
  timeoutMs: z.int(),
  follow: z.boolean().describe('runs until it is stopped or its time is up'),
  filter: lineFilterSchema.nullable().describe('which lines of it are kept; null: all'),
  total: z.int(),
  environments: z.record(z.string(), z.int()),
  zones: z.record(z.string(), z.int()),
  warnings: z.array(
    z.object({ code: z.string(), message: z.string(), hosts: z.array(hostNameSchema), count: z.int() }),
  ),
  gate: gateSchema,
});
export type Plan = z.infer<typeof planSchema>;

export const countsSchema = z.record(hostStateSchema, z.int());
export type Counts = Record<HostState, number>;

/**
 * What an operator wants of a run. `pause_after_wave`: the wave under way goes on to its end. `stop`: what has not
 * started never does, what runs goes on to its end. `abort`: what runs is ended.
 */
export const controls = ['run', 'pause', 'pause_after_wave', 'stop', 'abort'] as const;
export const controlSchema = z.enum(controls);
export type Control = z.infer<typeof controlSchema>;

export const runSchema = z.object({
  id: idSchema,
  number: z.int().describe('short: 1, 2, 3 … within the installation'),
  planId: idSchema,
  digest: z.string(),
  revision: z.int(),
  module: moduleRefSchema,
  selector: z.string(),
  params: z.record(z.string(), z.unknown()),
  state: runStateSchema,
  control: controlSchema,
  attempt: z.int(),
  parallel: z.int(),
  timeoutMs: z.int(),
  follow: z.boolean().describe('runs until it is stopped or its time is up'),
  total: z.int(),
  environments: z.record(z.string(), z.int()).describe('servers of each environment'),
  counts: countsSchema,
  waves: z
    .array(z.object({ size: z.int(), counts: z.partialRecord(hostStateSchema, z.int()).describe('none: 0') }))
    .describe('in the order in which they run'),
  wave: z.int().nullable().describe('the wave under way or next, from 0; null when none is left'),
  holdUntil: timeSchema.nullable().describe('when the next wave begins, where the plan waits between waves'),
  stopReason: z.string().nullable().describe('why the run stopped by itself'),
  reason: z.string().nullable().describe('why it was started, in the words of who did'),
  startedBy: z.string(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  outputRemovedAt: timeSchema.nullable().describe('when retention removed the output of the attempts until then'),
});
export type Run = z.infer<typeof runSchema>;

export const discardReasons = ['host_cap', 'run_cap', 'disk'] as const;
export type DiscardReason = (typeof discardReasons)[number];

/** One host of a run: `revision` is the run's revision that last changed it. */
export const hostRunSchema = z.object({
  ordinal: z.int(),
  hostId: idSchema,
  name: hostNameSchema,
  environment: environmentSchema,
  state: hostStateSchema,
  reason: z.enum(unreachableReasons).nullable(),
  message: z.string().nullable(),
  attempt: z.int(),
  exitCode: z.int().nullable(),
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  durationMs: z.int().nullable(),
  stdoutBytes: z.int(),
  stderrBytes: z.int(),
  discardedBytes: z.int().describe('output that was read and thrown away'),
  discardedFor: z
    .enum(discardReasons)
    .nullable()
    .describe('why: the cap of one server, the cap of the run, or too little free disk'),
  filteredLines: z.int().describe('lines that the filter of the run dropped'),
  fold: z.string().nullable().describe('hash of the masked output and exit code'),
  survivors: z.array(z.int()).describe('pids that outlived an abort or a time-out, or of a script that is lost'),
  probeAt: timeSchema.nullable().describe('when the host will be asked what became of a lost script'),
  revision: z.int(),
});
export type HostRun = z.infer<typeof hostRunSchema>;

/** A result that came when its worker's lease had ended: it changed nothing and is kept as evidence. */
export const lateResultSchema = z.object({
  attempt: z.int(),
  worker: z.string(),
  at: timeSchema,
  state: hostStateSchema,
  exitCode: z.int().nullable(),
  message: z.string().nullable(),
});
export type LateResult = z.infer<typeof lateResultSchema>;

export const outputChunkSchema = z.object({
  seq: z.int(),
  stream: z.enum(['stdout', 'stderr']),
  at: timeSchema,
  data: z.base64(),
});
export type OutputChunk = z.infer<typeof outputChunkSchema>;

/** Hosts whose output (secrets masked) and exit code are the same. */
export const foldSchema = z.object({
  hash: z.string(),
  state: hostStateSchema,
  exitCode: z.int().nullable(),
  count: z.int(),
  ordinal: z.int().describe('of the first server, whose output the sample is'),
  hosts: z.array(hostNameSchema),
  sample: z.array(outputChunkSchema),
  sampleTruncated: z.boolean(),
});
export type Fold = z.infer<typeof foldSchema>;

/** An event of `runs.watch`: the run as it is now and every host that changed after the revision asked for. */
export const runEventSchema = z.object({
  run: runSchema,
  hosts: z.array(hostRunSchema),
  /** Resume from here: all changes up to it have been sent. */
  revision: z.int(),
});
export type RunEvent = z.infer<typeof runEventSchema>;
