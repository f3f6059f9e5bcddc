import { z } from 'zod';
import { query, stream } from '../method.ts';
import { actionEventSchema } from '../models/audit.ts';
import { pageOf, pageParams, timeSchema } from '../models/common.ts';
import { exportFormatSchema, exportLimitSchema, exportSealSchema } from '../models/exports.ts';

const filter = {
  actor: z.string().max(100).optional().describe('name'),
  action: z.string().max(100).optional().describe('method'),
  family: z
    .string()
    .regex(/^[a-zA-Z]{1,40}$/)
    .optional()
    .describe('what stands before the point of a method: runs, hosts …'),
  object: z.string().min(1).max(255).optional().describe('of what, as events say it'),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  text: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('anywhere in actor, address, action, object, code or details; ignores case'),
};
const period = { from: timeSchema.optional(), to: timeSchema.optional().describe('before this moment') };

export const auditMethods = {
  'audit.list': query({
    permission: 'audit.read',
    summary: 'What operators did, newest first',
    params: z.strictObject({ ...pageParams, ...filter, ...period }),
    result: pageOf(actionEventSchema),
  }),
  'audit.follow': stream({
    permission: 'audit.read',
    summary: 'Follow what operators do from now on, or after an event; some just before it come again: know them by id',
    params: z.strictObject({ ...filter, after: z.string().max(100).optional() }),
    result: z.object({ events: z.array(actionEventSchema) }),
  }),
  'audit.export': stream({
    permission: 'audit.read',
    summary: 'All events of a filter, oldest first; itself audited',
    params: z.strictObject({
      ...filter,
      ...period,
      skip: z.int().min(0).optional().describe('events that were received before a cut'),
      format: exportFormatSchema,
      limit: exportLimitSchema,
    }),
    result: z.object({ events: z.array(actionEventSchema), seal: exportSealSchema.optional() }),
  }),
};
