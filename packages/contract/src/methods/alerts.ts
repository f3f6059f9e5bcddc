import { z } from 'zod';
import { change, query, stream } from '../method.ts';
import { alertRuleDraftSchema, alertRuleSchema, alertSchema, alertSeverities } from '../models/alerts.ts';
import { commandEventSchema } from '../models/commands.ts';
import { emptySchema, idSchema, okSchema, pageOf, pageParams, timeSchema, titleSchema } from '../models/common.ts';

const filter = {
  severities: z.array(z.enum(alertSeverities)).min(1).max(alertSeverities.length).optional(),
  rule: idSchema.optional(),
  host: z.string().min(1).max(100).optional().describe('id of a server'),
  user: z.string().min(1).max(100).optional(),
  acknowledged: z.boolean().optional(),
};

export const alertMethods = {
  'alerts.rules': query({
    permission: 'audit.read',
    summary: 'Rules that raise alerts on commands',
    params: emptySchema,
    result: z.object({ items: z.array(alertRuleSchema) }),
  }),
  'alerts.addRule': change({
    permission: 'audit.rules',
    summary: 'Add a rule; it looks at what is stored from now on',
    params: z.strictObject({ rule: alertRuleDraftSchema }),
    result: alertRuleSchema,
  }),
  'alerts.updateRule': change({
    permission: 'audit.rules',
    summary: 'Replace a rule',
    params: z.strictObject({ id: idSchema, rule: alertRuleDraftSchema }),
    result: alertRuleSchema,
  }),
  'alerts.removeRule': change({
    permission: 'audit.rules',
    summary: 'Remove a rule; its alerts stay',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
  'alerts.testRule': query({
    permission: 'audit.rules',
    summary: 'What a rule would have found among stored commands, newest first, without saving it; bounded; audited',
    params: z.strictObject({
      rule: alertRuleDraftSchema,
      from: timeSchema.optional().describe('a week ago when not given'),
      to: timeSchema.optional().describe('before this moment'),
      limit: z.int().min(1).max(200).default(50),
    }),
    result: z.object({
      items: z.array(commandEventSchema),
      looked: z.int().describe('so many events were looked at'),
      searchedTo: timeSchema.nullable().describe('all matches back to here are shown; null: to the beginning'),
    }),
  }),
  'alerts.starterRules': query({
    permission: 'audit.read',
    summary: 'Rules to begin with; none of them looks at anything until it is added',
    params: emptySchema,
    result: z.object({
      items: z.array(
        z.object({
          key: z.string(),
          title: titleSchema,
          rule: alertRuleDraftSchema,
          added: z.boolean().describe('there is a rule of this name'),
        }),
      ),
    }),
  }),
  'alerts.addStarterRules': change({
    permission: 'audit.rules',
    summary: 'Add rules to begin with; those that are there by their name are left out',
    params: z.strictObject({
      keys: z.array(z.string().min(1).max(60)).min(1).max(50),
      language: z.enum(['en', 'zh']).default('en').describe('of their names, which alerts bear'),
    }),
    result: z.object({ items: z.array(alertRuleSchema) }),
  }),
  'alerts.list': query({
    permission: 'audit.read',
    summary: 'Alerts, newest first; itself audited',
    params: z.strictObject({
      ...pageParams,
      ...filter,
      from: timeSchema.optional(),
      to: timeSchema.optional().describe('before this moment'),
    }),
    result: pageOf(alertSchema),
  }),
  'alerts.follow': stream({
    permission: 'audit.read',
    summary:
      'Alerts as they are raised, counted up or acknowledged, from now on or after a moment (some before it come again); itself audited',
    params: z.strictObject({ ...filter, after: timeSchema.optional() }),
    result: z.object({ alerts: z.array(alertSchema), at: timeSchema.describe('`after` to go on with') }),
  }),
  'alerts.open': stream({
    permission: 'audit.read',
    summary: 'How many alerts nobody has acknowledged, now and whenever that changes; not counted beyond 1,000',
    params: z.strictObject({}),
    result: z.object({ open: z.int() }),
  }),
  'alerts.acknowledge': change({
    permission: 'alert.acknowledge',
    summary: 'Say that alerts were seen to; those that were already stay as they are',
    params: z.strictObject({
      ids: z.array(idSchema).min(1).max(500),
      note: z.string().max(500).default(''),
    }),
    result: z.object({ acknowledged: z.int() }),
  }),
};
