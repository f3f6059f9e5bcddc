import { z } from 'zod';
import { change, query } from '../method.ts';
import { alertTargetChangeSchema, alertTargetDraftSchema, alertTargetSchema } from '../models/alertTargets.ts';
import { emptySchema, idSchema, okSchema } from '../models/common.ts';

export const alertTargetMethods = {
  'alertTargets.list': query({
    permission: 'audit.read',
    summary: 'Where alerts are sent to, and how the last delivery went',
    params: emptySchema,
    result: z.object({ items: z.array(alertTargetSchema) }),
  }),
  'alertTargets.add': change({
    permission: 'audit.rules',
    summary: 'Send alerts somewhere: a webhook, a robot of DingTalk, WeCom, Feishu or Slack, or e-mail',
    params: z.strictObject({ target: alertTargetDraftSchema }),
    result: alertTargetSchema,
    secretParams: ['target.url', 'target.secret'],
  }),
  'alertTargets.update': change({
    permission: 'audit.rules',
    summary: 'Change a target; what waits for it is sent by the new address',
    params: z.strictObject({ id: idSchema, target: alertTargetChangeSchema }),
    result: alertTargetSchema,
    secretParams: ['target.url', 'target.secret'],
  }),
  'alertTargets.remove': change({
    permission: 'audit.rules',
    summary: 'Remove a target and what waits for it',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
  'alertTargets.test': query({
    permission: 'audit.rules',
    summary: 'Send a message to a target now; audited',
    params: z.strictObject({ id: idSchema }),
    result: z.object({ error: z.string().nullable().describe('null: it was taken') }),
  }),
};
