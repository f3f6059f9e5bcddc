import { z } from 'zod';
import { timeSchema, titleSchema } from './common.ts';

export const riskSchema = z.enum(['read', 'change', 'disruptive', 'destructive']);
export type Risk = z.infer<typeof riskSchema>;

/** Where a module comes from: it ships, lies in the site's folder, or was made in the client. */
export const moduleSourceSchema = z.enum(['builtin', 'site', 'ui']);
export type ModuleSource = z.infer<typeof moduleSourceSchema>;

export const moduleSummarySchema = z.object({
  id: z.string(),
  version: z.string(),
  digest: z.string(),
  title: titleSchema,
  description: titleSchema,
  family: z.string(),
  familyTitle: titleSchema,
  risk: riskSchema,
  legacyId: z.int().nullable(),
  body: z.string().describe('shell, script, copy, fetch …'),
  follow: z.boolean().describe('has no end of its own'),
  runAs: z.string().nullable().describe('the user that sudo reaches; null: the user of the connection'),
  source: moduleSourceSchema,
  retired: z
    .object({ by: z.string(), at: timeSchema })
    .nullable()
    .describe('no longer offered: cannot be planned, started or tried again'),
});
export type ModuleSummary = z.infer<typeof moduleSummarySchema>;

export const moduleDetailSchema = moduleSummarySchema.extend({
  /** JSON Schema of the form. */
  params: z.record(z.string(), z.unknown()),
  manifest: z.string().describe('the YAML text as loaded'),
});
export type ModuleDetail = z.infer<typeof moduleDetailSchema>;

export const moduleIdSchema = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/, 'lower-case words joined by dots, such as system.uptime');

export const manifestTextSchema = z
  .string()
  .min(1)
  .max(256 * 1024);

export const moduleProblemSchema = z.object({
  line: z.int().describe('from 1'),
  column: z.int().describe('from 1'),
  message: z.string(),
});
export type ModuleProblem = z.infer<typeof moduleProblemSchema>;

export const moduleCheckSchema = z.object({
  problems: z.array(moduleProblemSchema).describe('empty: it can be saved'),
  /** Null when the text cannot be read as a manifest. */
  module: moduleDetailSchema.omit({ manifest: true }).nullable(),
  latest: z.string().nullable().describe('the newest version that is saved under this id'),
  nextVersion: z.string().nullable().describe('a version that may follow it'),
  paramProblems: z.array(z.object({ param: z.string(), code: z.string(), message: titleSchema })),
  script: z.string().nullable().describe('what would run with these params, secrets masked'),
});
export type ModuleCheck = z.infer<typeof moduleCheckSchema>;

export const moduleVersionSchema = z.object({
  version: z.string(),
  digest: z.string(),
  source: z.string(),
  author: z.string().nullable().describe('null: it came with the server or from the site folder'),
  comment: z.string(),
  at: timeSchema,
  current: z.boolean(),
  runs: z.int().describe('how many runs used it'),
});
export type ModuleVersion = z.infer<typeof moduleVersionSchema>;

export const moduleUsageSchema = z.object({
  module: z.string(),
  last: z
    .object({ runId: z.string(), state: z.string(), startedBy: z.string(), at: timeSchema })
    .nullable()
    .describe('the newest run'),
  lastOkAt: timeSchema.nullable().describe('of the last runs that were looked at, when one ended with every server ok'),
  typicalMs: z.int().nullable().describe('median duration of the last runs that ended'),
});
export type ModuleUsage = z.infer<typeof moduleUsageSchema>;
