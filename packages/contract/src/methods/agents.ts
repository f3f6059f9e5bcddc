import { z } from 'zod';
import { change, query } from '../method.ts';
import { idSchema, okSchema, pageOf, pageParams, timeSchema } from '../models/common.ts';

const agentKeySchema = z.object({
  id: idSchema,
  hostId: idSchema,
  createdAt: timeSchema,
  firstSeenAt: timeSchema.nullable().describe('of its first batch'),
  lastSeenAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
  revokedFor: z.enum(['replaced', 'removed', 'operator']).nullable(),
});

export const agentMethods = {
  'agents.list': query({
    permission: 'audit.read',
    summary: 'Keys of audit agents, newest first, also those that count no more',
    params: z.strictObject({ ...pageParams, hostId: idSchema.optional() }),
    result: pageOf(agentKeySchema),
  }),
  'agents.revoke': change({
    permission: 'access.write',
    summary: 'Take nothing more that this key has signed; audit.install gives the server a new one',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
};
