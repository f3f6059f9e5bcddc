import { z } from 'zod';
import { query, stream } from '../method.ts';
import { idSchema } from '../models/common.ts';
import {
  diffSchema,
  foldKindSchema,
  lineTimeSchema,
  outputChoiceSchema,
  outputLineSchema,
  readAsSchema,
  searchEventSchema,
} from '../models/output.ts';
import { foldSchema, hostStateSchema } from '../models/runs.ts';

const ordinal = z.int().min(0);
const attempt = z.int().min(1).optional().describe('default: the last');

export const outputMethods = {
  'runs.folds': query({
    permission: 'run.read',
    summary: 'Servers grouped by equal output and exit code, largest group first',
    params: z.strictObject({
      runId: idSchema,
      by: foldKindSchema.default('exact'),
      sampleBytes: z.int().min(0).max(65_536).default(16_384),
      limit: z.int().min(1).max(200).default(50),
    }),
    result: z.object({ items: z.array(foldSchema), total: z.int() }),
  }),
  'runs.lines': query({
    permission: 'run.read',
    summary:
      'Lines of the stored output of one server of a run: from a line or byte on, around a line, or the last ones',
    params: z.strictObject({
      runId: idSchema,
      ordinal,
      attempt,
      stream: outputChoiceSchema.default('both'),
      at: z
        .discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('line'), line: z.int().min(1) }),
          z.strictObject({ kind: z.literal('around'), line: z.int().min(1) }),
          z.strictObject({ kind: z.literal('end') }),
          z.strictObject({ kind: z.literal('byte'), byte: z.int().min(0) }).describe('of one stream, not of both'),
        ])
        .default({ kind: 'line', line: 1 }),
      limit: z.int().min(1).max(5000).default(200),
      maxBytes: z.int().min(1).max(1_048_576).default(262_144),
      readAs: readAsSchema.default('utf-8').describe('search, groups and differences read UTF-8 whatever this says'),
    }),
    result: z.object({
      attempt: z.int(),
      lines: z.array(outputLineSchema),
      times: z.array(lineTimeSchema).describe('when they arrived, by the first line of each time'),
      next: z.int().nullable().describe('line where the next page begins'),
      totals: z
        .object({
          first: z.int().describe('first line that is kept: of output that is followed the oldest goes'),
          lines: z.int().describe('number of the last line'),
          bytes: z.int().describe('kept'),
        })
        .describe('of the chosen stream or streams'),
      discardedBytes: z.int().describe('read past a limit and thrown away; known when the attempt has ended'),
      cut: z.boolean().describe('a limit was reached: what follows is not kept'),
      over: z.boolean().describe('the attempt has ended'),
    }),
  }),
  'runs.search': stream({
    permission: 'run.read',
    summary: 'Search the stored output of a run; hits as they are found, then exact totals',
    params: z.strictObject({
      runId: idSchema,
      pattern: z.string().min(1).max(500),
      regex: z.boolean().default(false).describe('RE2 syntax, found within a line; otherwise the text itself'),
      ignoreCase: z.boolean().default(false),
      stream: outputChoiceSchema.default('both'),
      attempts: z.enum(['current', 'all']).default('current'),
      states: z.array(hostStateSchema).min(1).max(20).optional().describe('only servers in these states'),
      hosts: z.array(ordinal).max(10_000).optional().describe('only these ordinals'),
      limit: z.int().min(0).max(10_000).default(1000).describe('hits that are sent; all are counted'),
      skip: z.int().min(0).default(0).describe('first hits that are not sent, because they were before a cut'),
    }),
    result: searchEventSchema,
  }),
  'runs.diff': query({
    permission: 'run.read',
    summary: 'How the output of one server differs from that of the largest group, or of another server',
    params: z.strictObject({
      runId: idSchema,
      ordinal,
      against: ordinal.optional().describe('default: the first server of the largest group'),
      by: foldKindSchema.default('masked'),
      stream: outputChoiceSchema.default('both'),
      context: z.int().min(0).max(20).default(3),
      maxLines: z.int().min(1).max(5000).default(500).describe('of the answer'),
      readAs: readAsSchema.default('utf-8').describe('of the lines that are shown; bytes are compared'),
    }),
    result: diffSchema,
  }),
};
