import { z } from 'zod';
import { idSchema, timeSchema } from './common.ts';
import { environmentSchema } from './inventory.ts';
import { runStateSchema } from './runs.ts';

/** Which runs are meant; all that is given must hold. */
export const runFilter = {
  states: z.array(runStateSchema).min(1).max(20).optional().describe('any of these'),
  module: z.string().max(100).optional().describe('id'),
  startedBy: z.string().min(1).max(100).optional().describe('user name'),
  hostId: idSchema.optional().describe('runs that have this server'),
  environment: environmentSchema.optional().describe('runs that have a server of it'),
  text: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('in the title, module id, selector or reason; ignores case'),
};

/** And when they were started. */
export const runPeriod = {
  from: timeSchema.optional(),
  to: timeSchema.optional().describe('before this moment'),
};

/** Most days that `runs.byDay` counts. */
export const maxDays = 92;

export const runDaySchema = z.object({
  day: z.iso.date(),
  from: timeSchema,
  to: timeSchema.describe('before this moment'),
  counts: z.partialRecord(runStateSchema, z.int()).describe('none: 0'),
});
export type RunDay = z.infer<typeof runDaySchema>;
