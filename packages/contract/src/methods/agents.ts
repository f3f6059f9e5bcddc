import { z } from 'zod';
import { change, query } from '../method.ts';
import { idSchema, okSchema, pageOf, pageParams, timeSchema } from '../models/common.ts';

/** What the forwarder said last, by its heartbeat; null where it has not said it yet. */
const agentStatusSchema = z.object({
  lastSeenAt: timeSchema.describe('of its last batch'),
  heartbeatAt: timeSchema.nullable(),
  silentSince: timeSchema.nullable().describe('it was told of as silent, and has said nothing since'),
  version: z.string().nullable(),
  address: z.string().describe('from which its last batch came'),
  lagMs: z
    .int()
    .nullable()
    .describe('how old the newest record of its last batch was when it came; some seconds are usual'),
  clockSeconds: z.int().nullable().describe("its clock minus the server's; above 0: ahead"),
  waiting: z.int().nullable().describe('records in its spool at its last heartbeat'),
  spoolKib: z.int().nullable(),
  spoolBoundKib: z.int().nullable().describe('at which it drops new records'),
  lost: z.int().nullable().describe('records that it dropped and has not told as an event yet'),
});

const agentKeySchema = z.object({
  id: idSchema,
  hostId: idSchema,
  hostName: z.string().nullable().describe('null: the registry has it no more'),
  createdAt: timeSchema,
  firstSeenAt: timeSchema.nullable().describe('of its first batch'),
  lastSeenAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
  revokedFor: z.enum(['replaced', 'removed', 'operator']).nullable(),
  agent: agentStatusSchema.nullable().describe('of the agent whose last batch this key signed; null: none'),
});

export const agentMethods = {
  'agents.list': query({
    permission: 'audit.read',
    summary: 'Keys of audit agents and how these do, newest first, also keys that count no more',
    params: z.strictObject({
      ...pageParams,
      hostId: idSchema.optional(),
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
