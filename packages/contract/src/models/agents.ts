import { z } from 'zod';
import { idSchema, timeSchema } from './common.ts';

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

/** Why somebody should look after an agent. */
export const agentTroubleSchema = z.enum(['silent', 'unheard', 'lost', 'outdated', 'clock']);
export type AgentTrouble = z.infer<typeof agentTroubleSchema>;

export const agentKeySchema = z.object({
  id: idSchema,
  hostId: idSchema,
  hostName: z.string().nullable().describe('null: the registry has it no more'),
  createdAt: timeSchema,
  firstSeenAt: timeSchema.nullable().describe('of its first batch'),
  lastSeenAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
  revokedFor: z.enum(['replaced', 'removed', 'operator']).nullable(),
  agent: agentStatusSchema.nullable().describe('of the agent whose last batch this key signed; null: none'),
  troubles: z
    .array(agentTroubleSchema)
    .describe(
      'of a key that counts: silent; unheard, ten minutes after it was made; outdated, older than what audit.install puts there; lost records that it has not told yet; clock, ten seconds away or more',
    ),
});
export type AgentKey = z.infer<typeof agentKeySchema>;
