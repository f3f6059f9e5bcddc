import { z } from 'zod';
import { hostNameSchema } from './inventory.ts';

/** Which lines are wanted: RE2 syntax, found anywhere in the line. Whether a pattern is one is checked by the server. */
export const lineFilterSchema = z.strictObject({
  include: z.string().min(1).max(500).optional().describe('only lines in which this is found'),
  exclude: z.string().min(1).max(500).optional().describe('and no line in which this is found'),
  ignoreCase: z.boolean().default(false),
});
export type LineFilter = z.infer<typeof lineFilterSchema>;

/** A line of a run's merged output. A very long line comes in pieces. */
export const mergedLineSchema = z.object({
  ordinal: z.int(),
  name: hostNameSchema,
  stream: z.enum(['stdout', 'stderr']),
  at: z.iso.datetime().describe('when it was stored'),
  text: z.string().describe('without the end of the line'),
});
export type MergedLine = z.infer<typeof mergedLineSchema>;
