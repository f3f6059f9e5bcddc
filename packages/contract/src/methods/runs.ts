import { z } from 'zod';
import { change, query, stream } from '../method.ts';
import { idSchema, pageOf, pageParams, timeSchema } from '../models/common.ts';
import { lineFilterSchema } from '../models/follow.ts';
import { maxDays, runDaySchema, runFilter, runPeriod } from '../models/runLists.ts';
import {
  hostRunSchema,
  hostStateSchema,
  lateResultSchema,
  outputChunkSchema,
  planHostSchema,
  planSchema,
  rolloutDraftSchema,
  runEventSchema,
  runSchema,
} from '../models/runs.ts';

const hostOf = {
  runId: idSchema,
  ordinal: z.int().min(0),
  attempt: z.int().min(1).optional().describe('default: the last'),
};

/** Why something dangerous is done, for those who read the audit. */
const reasonSchema = z.string().trim().max(500).describe('why; where the gate asks for it at least 10 characters');
const hostsOf = z.array(z.int().min(0)).min(1).max(10_000);

/** How many are asked, and when: an answer moves their `probeAt` away from that time, or takes it away. */
const askedSchema = z.object({ asked: z.int(), at: timeSchema });

export const runMethods = {
  'runs.plan': change({
    permission: 'run.start',
    summary: 'Freeze what would run, where and how, under a digest; starts nothing',
    params: z.strictObject({
      module: z.string().min(1).max(120).describe('id, legacy number or id@version'),
      selector: z.string().max(10_000),
      params: z.record(z.string(), z.unknown()).default({}),
      files: z
        .record(z.string(), z.object({ name: z.string().max(255), data: z.base64() }))
        .default({})
        .describe('content of file params'),
      parallel: z.int().min(1).max(1000).optional(),
      rollout: rolloutDraftSchema.optional().describe('default: all in one wave, unless the risk asks for more'),
      timeoutMs: z
        .int()
        .min(1000)
        .max(7 * 24 * 3_600_000)
        .optional(),
      filter: lineFilterSchema.optional().describe('for a module that follows: which lines are kept'),
    }),
    result: planSchema,
    secretParams: ['params', 'files'],
  }),
  'runs.planHosts': query({
    permission: 'run.start',
    summary: 'The servers of a plan, as frozen',
    params: z.strictObject({ planId: idSchema, ...pageParams }),
    result: pageOf(planHostSchema),
  }),
  'runs.start': change({
    permission: 'run.start',
    summary: 'Start a plan; runId is made by the client, so a repeat starts nothing twice',
    params: z.strictObject({
      planId: idSchema,
      digest: z.string().max(100),
      /** Runs are listed by id, so the id must follow time. */
      runId: z.uuidv7('a UUID of version 7, made by the client'),
      confirm: z.string().max(200).optional().describe('the phrase of the plan’s gate'),
      reason: reasonSchema.optional(),
    }),
    result: runSchema,
  }),
  'runs.list': query({
    permission: 'run.read',
    summary: 'Runs, newest first',
    params: z.strictObject({ ...pageParams, ...runFilter, ...runPeriod }),
    result: pageOf(runSchema).extend({
      lookedBackTo: timeSchema
        .optional()
        .describe(
          'the page is not full: only runs since then were looked through; older ones may match, `next` goes on',
        ),
    }),
  }),
  'runs.byDay': query({
    permission: 'run.read',
    summary: 'How many runs each day saw, by state; days without runs too, oldest first',
    params: z.strictObject({
      ...runFilter,
      days: z.int().min(1).max(maxDays).default(30),
      until: timeSchema.optional().describe('a moment of the last day; default: now'),
      offsetMinutes: z.int().min(-900).max(900).default(0).describe('where a day begins: minutes east of UTC'),
    }),
    result: z.object({ days: z.array(runDaySchema) }),
  }),
  'runs.get': query({
    permission: 'run.read',
    summary: 'One run with its counters',
    params: z.strictObject({ runId: z.union([idSchema, z.int().min(1)]).describe('or its number') }),
    result: runSchema,
  }),
  'runs.hosts': query({
    permission: 'run.read',
    summary: 'The servers of a run with state and result',
    params: z.strictObject({ runId: idSchema, states: z.array(hostStateSchema).max(20).optional(), ...pageParams }),
    result: pageOf(hostRunSchema),
  }),
  'runs.attempts': query({
    permission: 'run.read',
    summary: 'All attempts of one server of a run, oldest first, and results that came too late to count',
    params: z.strictObject({ runId: idSchema, ordinal: z.int().min(0) }),
    result: z.object({ items: z.array(hostRunSchema), late: z.array(lateResultSchema) }),
  }),
  'runs.output': query({
    permission: 'run.read',
    summary: 'Stored output of one server of a run, from a chunk on',
    params: z.strictObject({
      ...hostOf,
      after: z.int().min(0).default(0).describe('seq of the last chunk seen'),
      maxBytes: z.int().min(1).max(1_048_576).default(262_144),
    }),
    result: z.object({ chunks: z.array(outputChunkSchema), more: z.boolean() }),
  }),
  'runs.export': change({
    permission: 'run.read',
    summary: 'Note in the audit that output of a run is taken out as a file; said before it is read',
    params: z.strictObject({
      runId: idSchema,
      format: z.enum(['txt', 'html', 'csv', 'jsonl', 'zip', 'raw']),
      hosts: hostsOf.optional().describe('default: every server'),
    }),
    result: z.object({}),
  }),
  'runs.pause': change({
    permission: 'run.control',
    summary: 'Start nothing new until it is resumed; what runs goes on to its end',
    params: z.strictObject({
      runId: idSchema,
      after: z.enum(['now', 'wave']).default('now').describe('wave: the wave under way is finished first'),
    }),
    result: runSchema,
  }),
  'runs.resume': change({
    permission: 'run.control',
    summary: 'Go on with a paused run; where it paused after a wave, the next one begins',
    params: z.strictObject({ runId: idSchema }),
    result: runSchema,
  }),
  'runs.stop': change({
    permission: 'run.control',
    summary: 'What has not started never does (not_started); what runs goes on to its end',
    params: z.strictObject({ runId: idSchema }),
    result: runSchema,
  }),
  'runs.abort': change({
    permission: 'run.control',
    summary: 'End a run: nothing new starts, what runs is ended (TERM, then KILL) with its whole process tree',
    params: z.strictObject({
      runId: idSchema,
      graceMs: z.int().min(0).max(600_000).default(10_000).describe('from TERM to KILL'),
    }),
    result: runSchema,
  }),
  'runs.retry': change({
    permission: 'run.control',
    summary: 'Run again on the servers in these states: same plan, new attempt; earlier attempts stay',
    params: z.strictObject({
      runId: idSchema,
      states: z.array(hostStateSchema).min(1).max(20).optional().describe('default: every not-ok state'),
      hosts: hostsOf.optional().describe('only these ordinals'),
      force: z.boolean().default(false).describe('also beside a lost script that still runs on the server'),
      confirm: z.string().max(200).optional(),
      reason: reasonSchema.optional(),
    }),
    result: runSchema,
  }),
  'runs.probe': change({
    permission: 'run.control',
    summary: 'Ask servers now what became of their lost scripts; answers at once, results follow in runs.watch',
    params: z.strictObject({ runId: idSchema, hosts: hostsOf.optional().describe('default: every lost one') }),
    result: askedSchema,
  }),
  'runs.kill': change({
    permission: 'run.control',
    summary: 'End what outlived an abort, a time-out or a lost connection on these servers, found by the run’s mark',
    params: z.strictObject({ runId: idSchema, hosts: hostsOf }),
    result: askedSchema,
  }),
  'runs.watch': stream({
    permission: 'run.read',
    summary: 'Follow a run: first everything after a revision (0 = all), then changes, at most ten batches a second',
    params: z.strictObject({
      runId: idSchema,
      after: z.int().min(0).default(0),
      hosts: z.boolean().default(true),
      stay: z.boolean().default(false).describe('goes on after the run ended: probes and retries bring news'),
    }),
    result: runEventSchema,
  }),
  'runs.watchList': stream({
    permission: 'run.read',
    summary: 'Follow the list of runs: at first those under way, then every run of the filter that begins or changes',
    params: z.strictObject({
      ...runFilter,
      after: z.int().min(0).optional().describe('number of the newest run that is known; default: the newest there is'),
    }),
    result: z.object({
      runs: z.array(runSchema).describe('begun or changed, and of the filter now'),
      left: z.array(idSchema).describe('changed, and of the filter no more'),
    }),
  }),
  'runs.tail': stream({
    permission: 'run.read',
    summary: 'Follow the output of one server of a run',
    params: z.strictObject({ ...hostOf, after: z.int().min(0).default(0) }),
    result: z.object({
      chunks: z.array(outputChunkSchema),
      done: z.boolean(),
      cut: z.boolean().describe('a limit was reached: what follows is not kept'),
      discardedBytes: z.int().describe('read past a limit and thrown away; known when the attempt has ended'),
    }),
  }),
};
