import { z } from 'zod';
import { stream } from '../method.ts';
import { idSchema } from '../models/common.ts';
import { lineFilterSchema, mergedLineSchema } from '../models/follow.ts';

export const followMethods = {
  'runs.follow': stream({
    permission: 'run.read',
    summary: 'Follow the output of all servers of a run, line by line, in the order it arrives; ends with the run',
    params: z.strictObject({
      runId: idSchema,
      hosts: z.array(z.int().min(0)).min(1).max(500).optional().describe('only these ordinals'),
      filter: lineFilterSchema.optional(),
      tailLines: z.int().min(0).max(1000).default(10).describe('lines of each server to begin with'),
      after: z
        .string()
        .regex(/^\d{1,16}\.\d{1,9}$/, 'the cursor of an event')
        .optional()
        .describe('cursor of the last event seen: goes on from there, without tailLines'),
    }),
    result: z.object({
      lines: z.array(mergedLineSchema),
      skipped: z.int().describe('lines left out since the last event, because this client or the view was behind'),
      behindMs: z.int().describe('how much older the last of these lines is than the newest one stored'),
      cursor: z.string(),
      done: z.boolean(),
    }),
  }),
};
