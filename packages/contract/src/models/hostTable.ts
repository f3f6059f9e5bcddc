import { z } from 'zod';
import { idSchema, timeSchema, titleSchema } from './common.ts';
import { hostKeyStateSchema, hostNameSchema, hostSchema } from './inventory.ts';
import { hostRunSchema, hostStateSchema, runStateSchema, unreachableReasons } from './runs.ts';

/** What the last run on a server made of it. */
export const lastRunSchema = z.object({
  runId: idSchema,
  number: z.int(),
  ordinal: z.int(),
  attempt: z.int(),
  module: z.object({ id: z.string(), title: titleSchema }),
  state: hostStateSchema,
  exitCode: z.int().nullable(),
  at: timeSchema.describe('when it ended, or began, or the run was started'),
});
export type LastRun = z.infer<typeof lastRunSchema>;

/** How the last connection went: nobody is asked for this, runs tell it. */
export const contactSchema = z.object({
  state: z.enum(['ok', 'unreachable']),
  reason: z.enum(unreachableReasons).nullable(),
  at: timeSchema,
});
export type Contact = z.infer<typeof contactSchema>;

/** `changed`: it shows another key than the one that was trusted; `none`: no key was ever seen. */
export const hostTrustSchema = z.enum([...hostKeyStateSchema.options, 'changed', 'none']);
export type HostTrust = z.infer<typeof hostTrustSchema>;

/** A server as a table of servers shows it. */
export const hostRowSchema = hostSchema.extend({
  hostKey: hostTrustSchema,
  lastRun: lastRunSchema.nullable(),
  contact: contactSchema.nullable(),
});
export type HostRow = z.infer<typeof hostRowSchema>;

export const hostSorts = ['name', 'address', 'zone', 'environment', 'contact', 'last_run'] as const;
export const hostSortSchema = z.enum(hostSorts);
export type HostSort = z.infer<typeof hostSortSchema>;

/** Questions that a selector cannot ask, because it never depends on what happened. */
export const hostFilters = ['unreachable', 'not_ok', 'never_ran', 'ungrouped'] as const;
export const hostFilterSchema = z.enum(hostFilters);
export type HostFilter = z.infer<typeof hostFilterSchema>;

export const hostSummarySchema = z.object({
  total: z.int(),
  unreachable: z.int().describe('at the last contact'),
  notOk: z.int().describe('the last run did not end well there'),
  neverRan: z.int(),
  ungrouped: z.int(),
});
export type HostSummary = z.infer<typeof hostSummarySchema>;

/** Servers by environment and group; a server counts once in each group above it. */
export const hostTreeSchema = z.object({
  total: z.int(),
  ungrouped: z.int(),
  environments: z.array(
    z.object({
      name: z.string(),
      hosts: z.int(),
      groups: z.array(z.object({ path: z.string(), hosts: z.int() })).describe('by path; none without servers'),
    }),
  ),
});
export type HostTree = z.infer<typeof hostTreeSchema>;

/** A run as one of its servers saw it. */
export const hostHistorySchema = z.object({
  run: z.object({
    id: idSchema,
    number: z.int(),
    module: z.object({ id: z.string(), title: titleSchema }),
    state: runStateSchema,
    total: z.int(),
    startedBy: z.string(),
    createdAt: timeSchema,
  }),
  host: hostRunSchema,
  firstError: z.string().nullable().describe('first line of standard error, or the message, where it did not end well'),
});
export type HostHistory = z.infer<typeof hostHistorySchema>;

/** What an import of known_hosts would do. */
export const knownHostsPreviewSchema = z.object({
  trusted: z.int(),
  revoked: z.int(),
  unchanged: z.int(),
  unmatched: z.int().describe('lines that name no server of the zone'),
  keys: z
    .array(
      z.object({
        line: z.int(),
        host: hostNameSchema,
        type: z.string(),
        fingerprint: z.string(),
        state: hostKeyStateSchema.describe('what it will be; pending: it contradicts a trusted key'),
      }),
    )
    .describe('the first 1000 that change'),
  problems: z.array(z.object({ line: z.int(), message: z.string() })),
});
export type KnownHostsPreview = z.infer<typeof knownHostsPreviewSchema>;
