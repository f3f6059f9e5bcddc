import { z } from 'zod';
import { idSchema, timeSchema } from './common.ts';

export const alertSeverities = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM');
const shortText = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, 'no control characters');

/** When a rule looks: `to` is not within; with `from` after `to` it goes over midnight and belongs to the day it began. */
export const alertWindowSchema = z.strictObject({
  days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('1: Monday'),
  from: clock,
  to: clock,
  timeZone: z.string().min(1).max(60).default('UTC'),
});

/** Why a pattern was refused, as `fault` in the details of the error, with the part and its position where they are known. */
export const patternFaults = [
  ...(['range', 'escape', 'name', 'unsupported', 'repeatOfRepeat', 'repeatCount', 'bracket'] as const),
  ...(['parenthesis', 'closing', 'nothingToRepeat', 'backslash', 'tooLarge', 'other'] as const),
] as const;
export type PatternFault = (typeof patternFaults)[number];

/** What a rule looks for: every part must be true of a command. */
export const alertRuleDraftSchema = z.strictObject({
  name: shortText,
  enabled: z.boolean().default(true),
  severity: z.enum(alertSeverities),
  pattern: z.string().min(1).max(1000).describe('RE2 syntax, anywhere in the command'),
  ignoreCase: z.boolean().default(false),
  users: z.array(z.string().min(1).max(100)).max(100).default([]).describe('none: all'),
  servers: z.string().min(1).max(4000).nullable().default(null).describe('a selector; null: all'),
  environments: z
    .array(z.string().min(1).max(100))
    .max(50)
    .default([])
    .describe('names, or beginnings as `prod*`; none: all'),
  window: alertWindowSchema.nullable().default(null).describe('null: always'),
  cooldownSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(300)
    .describe('further matches of the same server and user are counted in the first alert'),
});
export type AlertRuleDraft = z.infer<typeof alertRuleDraftSchema>;

export const alertRuleSchema = alertRuleDraftSchema.extend({
  id: idSchema,
  changedBy: z.string(),
  changedAt: timeSchema,
});
export type AlertRule = z.infer<typeof alertRuleSchema>;

export const alertSchema = z.object({
  id: idSchema,
  ruleId: idSchema,
  ruleName: z.string(),
  severity: z.enum(alertSeverities),
  raisedAt: timeSchema,
  hostId: z.string().nullable(),
  hostName: z.string(),
  user: z.string(),
  eventId: idSchema.describe('the first command that matched'),
  command: z.string().nullable().describe('its beginning; null: it is kept no more'),
  count: z.int().describe('matches within the cooldown'),
  lastEventId: idSchema,
  lastAt: timeSchema,
  acknowledgedAt: timeSchema.nullable(),
  acknowledgedBy: z.string().nullable(),
  note: z.string(),
  version: z.int(),
});
export type Alert = z.infer<typeof alertSchema>;
