import { z } from 'zod';
import { idSchema, timeSchema } from './common.ts';

/** An operator's act. Secret fields are never in `details`. */
export const actionEventSchema = z.object({
  id: idSchema,
  at: timeSchema,
  actorKind: z.enum(['user', 'token', 'device', 'worker', 'system', 'anonymous']),
  actorId: z.string().nullable(),
  actorName: z.string(),
  deviceId: z.string().nullable(),
  address: z.string(),
  action: z.string(),
  object: z.string().nullable(),
  outcome: z.enum(['done', 'refused', 'failed']),
  code: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type ActionEvent = z.infer<typeof actionEventSchema>;
