import { z } from 'zod';
import { hostNameSchema } from './inventory.ts';

export const outputStreamSchema = z.enum(['stdout', 'stderr']);
/** `both`: lines of either stream, in the order in which they began. */
export const outputChoiceSchema = z.enum(['both', 'stdout', 'stderr']);
export type OutputChoice = z.infer<typeof outputChoiceSchema>;

/** How the bytes of output are read as text; `auto`: each line as UTF-8, or as GB18030 where it is that and no UTF-8. */
export const readAs = ['utf-8', 'auto', 'gb18030', 'big5', 'shift_jis', 'euc-kr', 'windows-1252'] as const;
export const readAsSchema = z.enum(readAs);
export type ReadAs = z.infer<typeof readAsSchema>;

/** A line of stored output; bytes that are nothing in its encoding show as U+FFFD. */
export const outputLineSchema = z.object({
  line: z.int().describe('from 1, counted over the chosen stream or streams'),
  stream: outputStreamSchema,
  byte: z.int().describe('where the text begins in its stream'),
  bytes: z.int().describe('bytes of the stream that the text stands for'),
  text: z.string().describe('without its newline'),
  encoding: readAsSchema.exclude(['auto']).optional().describe('that the text was read in; absent: utf-8'),
  end: z
    .enum(['newline', 'cut', 'open'])
    .describe('cut: longer than this answer holds, read on by byte; open: the output ends here, so far'),
});
export type OutputLine = z.infer<typeof outputLineSchema>;

/** When OMServer got the beginnings of lines: of this one, and of those after it up to the next entry. */
export const lineTimeSchema = z.object({ line: z.int(), at: z.iso.datetime() });
export type LineTime = z.infer<typeof lineTimeSchema>;

/** A line in which a pattern was found. Byte offsets count from the beginning of the line. */
export const searchHitSchema = z.object({
  ordinal: z.int(),
  name: hostNameSchema,
  attempt: z.int(),
  stream: outputStreamSchema,
  line: z.int().describe('in its stream, from 1'),
  lineOfBoth: z.int().describe('over both streams, as runs.lines counts them'),
  byte: z.int().describe('where the line begins in its stream'),
  text: z.string().describe('the line, cut around the first match'),
  textFrom: z.int().describe('byte of the line where the text begins'),
  matches: z.array(z.tuple([z.int(), z.int()])).describe('from and to, in bytes; those in the text, at most 20'),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

/** What a search has found so far. Counters are exact for what was searched; `hits` are lines. */
export const searchEventSchema = z.object({
  hits: z.array(searchHitSchema),
  found: z.object({ hits: z.int(), hosts: z.int() }),
  searched: z.object({ hosts: z.int(), lines: z.int(), bytes: z.int() }),
  state: z
    .enum(['searching', 'complete', 'deadline', 'replaced'])
    .describe('replaced: this connection began another search'),
});
export type SearchEvent = z.infer<typeof searchEventSchema>;

export const foldKindSchema = z
  .enum(['exact', 'masked'])
  .describe('masked: what is each host’s own (names, addresses, times, pids, durations, ids) counts as equal');
export type FoldKind = z.infer<typeof foldKindSchema>;

export const diffLineSchema = z.object({
  kind: z.enum(['both', 'left', 'right']),
  text: z.string(),
});

/** Neighbouring changes with the lines around them; line numbers count from 1 within the stream. */
export const diffHunkSchema = z.object({
  stream: outputStreamSchema,
  leftLine: z.int(),
  rightLine: z.int(),
  lines: z.array(diffLineSchema),
});
export type DiffHunk = z.infer<typeof diffHunkSchema>;

export const diffSideSchema = z.object({
  ordinal: z.int(),
  name: hostNameSchema,
  attempt: z.int(),
  fold: z.string().nullable(),
  count: z.int().describe('hosts with this output'),
});

export const diffSchema = z.object({
  left: diffSideSchema,
  right: diffSideSchema,
  equal: z.boolean().describe('of what was compared'),
  hunks: z.array(diffHunkSchema),
  cut: z.object({
    input: z.boolean().describe('an output was longer than is compared'),
    hunks: z.boolean().describe('there are more changes than shown'),
    lines: z.boolean().describe('lines are longer than shown'),
    detail: z.boolean().describe('too different for a line by line answer: a part is shown as replaced'),
  }),
});
export type Diff = z.infer<typeof diffSchema>;
