import { z } from 'zod';
import { idSchema, timeSchema, titleSchema } from './common.ts';
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

/** What the start must bring along. `confirm` asks for `phrase` to be typed. */
export const gateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('confirm'), phrase: z.string() }),
]);
export type Gate = z.infer<typeof gateSchema>;

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
  timeoutMs: z.int(),
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

export const runSchema = z.object({
  id: idSchema,
  planId: idSchema,
  digest: z.string(),
  revision: z.int(),
  module: moduleRefSchema,
  selector: z.string(),
  params: z.record(z.string(), z.unknown()),
  state: runStateSchema,
  attempt: z.int(),
  parallel: z.int(),
  timeoutMs: z.int(),
  total: z.int(),
  counts: countsSchema,
  startedBy: z.string(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
});
export type Run = z.infer<typeof runSchema>;

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
  discardedBytes: z.int().describe('output past the cap, read and thrown away'),
  fold: z.string().nullable().describe('hash of the masked output and exit code'),
  survivors: z.array(z.int()).describe('pids that outlived an abort or a time-out'),
  revision: z.int(),
});
export type HostRun = z.infer<typeof hostRunSchema>;

export const outputChunkSchema = z.object({
  seq: z.int(),
  stream: z.enum(['stdout', 'stderr']),
  at: timeSchema,
  data: z.base64(),
});
export type OutputChunk = z.infer<typeof outputChunkSchema>;

/** Hosts whose masked output and exit code are the same. */
export const foldSchema = z.object({
  hash: z.string(),
  state: hostStateSchema,
  exitCode: z.int().nullable(),
  count: z.int(),
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
