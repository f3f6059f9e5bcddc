import { z } from 'zod';
import { alertSeverities } from './alerts.ts';
import { idSchema, timeSchema } from './common.ts';

export const alertTargetKinds = ['webhook', 'dingtalk', 'wecom', 'feishu', 'slack'] as const;
export type AlertTargetKind = (typeof alertTargetKinds)[number];

const shown = {
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cf}]+$/u, 'no control characters'),
  enabled: z.boolean().default(true),
  least: z.enum(alertSeverities).default('info').describe('only alerts of this severity or above'),
  withCommand: z.boolean().default(true).describe('false: the command itself is not sent'),
};
const url = z
  .url({ protocol: /^https?$/ })
  .max(1000)
  .describe('http only to networks of OM_ALERT_NETWORKS');
const secret = z.string().min(1).max(200).describe('what messages are signed with');

export const alertTargetDraftSchema = z.strictObject({
  ...shown,
  kind: z.enum(alertTargetKinds),
  url,
  secret: secret.optional(),
});
export const alertTargetChangeSchema = z.strictObject({
  ...shown,
  url: url.optional().describe('the one that is stored, when not given; another one clears the stored secret'),
  secret: secret.nullable().optional().describe('the one that is stored, when not given; null: none'),
});

/** Where alerts are sent to. Its address and secret never come back. */
export const alertTargetSchema = z.object({
  id: idSchema,
  ...shown,
  kind: z.enum(alertTargetKinds),
  origin: z.string(),
  hasSecret: z.boolean(),
  waiting: z.int(),
  lastAt: timeSchema.nullable(),
  lastError: z.string().nullable().describe('null: the last delivery arrived'),
  givenUp: z.int().describe('so many alerts were not delivered in the end'),
  changedBy: z.string(),
  changedAt: timeSchema,
});
export type AlertTarget = z.infer<typeof alertTargetSchema>;
