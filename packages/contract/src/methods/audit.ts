import { z } from 'zod';
import { query, stream } from '../method.ts';
import { actionEventSchema } from '../models/audit.ts';
import { pageOf, pageParams, timeSchema } from '../models/common.ts';

const filter = {
  actor: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
};

export const auditMethods = {
  'audit.list': query({
    permission: 'audit.read',
    summary: 'What operators did, newest first',
    params: z.strictObject({ ...pageParams, ...filter, from: timeSchema.optional(), to: timeSchema.optional() }),
    result: pageOf(actionEventSchema),
  }),
  'audit.follow': stream({
    permission: 'audit.read',
    summary: 'Follow what operators do from now on, or after an event',
    params: z.strictObject({ ...filter, after: z.string().max(100).optional() }),
    result: z.object({ events: z.array(actionEventSchema) }),
  }),
};
