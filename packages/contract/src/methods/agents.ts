import { z } from 'zod';
import { change, query } from '../method.ts';
import { agentKeySchema, agentTroubleSchema } from '../models/agents.ts';
import { idSchema, okSchema, pageOf, pageParams } from '../models/common.ts';

export const agentMethods = {
  'agents.list': query({
    permission: 'audit.read',
    summary: 'Keys of audit agents and how these do, newest first, also keys that count no more',
    params: z.strictObject({
      ...pageParams,
      hostId: idSchema.optional(),
      host: z.string().max(255).optional().describe("a part of the server's name, in any case"),
      trouble: agentTroubleSchema.or(z.literal('any')).optional().describe('only agents with this trouble'),
      current: z.boolean().optional().describe('true: only keys that count; false: only those that count no more'),
    }),
    result: pageOf(agentKeySchema),
  }),
  'agents.revoke': change({
    permission: 'access.write',
    summary: 'Take nothing more that this key has signed; audit.install gives the server a new one',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
};
