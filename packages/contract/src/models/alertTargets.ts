import { z } from 'zod';
import { alertSeverities } from './alerts.ts';
import { idSchema, timeSchema } from './common.ts';

export const alertTargetKinds = ['webhook', 'dingtalk', 'wecom', 'feishu', 'slack', 'email'] as const;
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
  .url({ protocol: /^(https?|smtps?)$/ })
  .max(1000)
  .describe(
    'http only to networks of OM_ALERT_NETWORKS; for e-mail smtps://host:465, or smtp://host:587, which must turn to TLS (?tls=no: only to such networks)',
  );
const secret = z.string().min(1).max(200).describe('what messages are signed with; for e-mail the password');

const mailbox = z.email().max(200);
export const alertEmailSchema = z.strictObject({
  from: mailbox,
  to: z.array(mailbox).min(1).max(20),
  user: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('to sign in as, with the secret as password; not given: nobody signs in'),
});
export type AlertEmail = z.infer<typeof alertEmailSchema>;

export const alertTargetDraftSchema = z
  .strictObject({
    ...shown,
    kind: z.enum(alertTargetKinds),
    url,
    secret: secret.optional(),
    email: alertEmailSchema.optional().describe('for this kind, and no other'),
  })
  .refine(({ kind, url, email }) => {
    const mail = /^smtps?:/i.test(url);
    return kind === 'email' ? mail && email !== undefined : !mail && email === undefined;
  }, 'e-mail needs an address smtps:// or smtp://, sender and receivers; the other kinds an address https://');
export const alertTargetChangeSchema = z.strictObject({
  ...shown,
  url: url
    .optional()
    .describe('the one that is stored, when not given; with another one a stored secret must be given anew, or null'),
  secret: secret.nullable().optional().describe('the one that is stored, when not given; null: none'),
  email: alertEmailSchema.optional().describe('what is stored, when not given; another user needs the password anew'),
});

/** Where alerts are sent to. Its address and secret never come back. */
export const alertTargetSchema = z.object({
  id: idSchema,
  ...shown,
  kind: z.enum(alertTargetKinds),
  origin: z.string(),
  hasSecret: z.boolean(),
  email: alertEmailSchema.nullable(),
  waiting: z.int(),
  lastAt: timeSchema.nullable(),
  lastError: z.string().nullable().describe('null: the last delivery arrived'),
  givenUp: z.int().describe('so many alerts were not delivered in the end'),
  changedBy: z.string(),
  changedAt: timeSchema,
});
export type AlertTarget = z.infer<typeof alertTargetSchema>;
