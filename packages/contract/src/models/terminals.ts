import { z } from 'zod';
import { idSchema, timeSchema } from './common.ts';

export const terminalSizeSchema = z.object({
  cols: z.int().min(2).max(500),
  rows: z.int().min(1).max(300),
});

/** `cut`: the server ended without a word; what was recorded until then is kept. */
export const recordingStateSchema = z.enum(['connecting', 'open', 'ended', 'failed', 'cut']);
export type RecordingState = z.infer<typeof recordingStateSchema>;

/** Why a terminal is no longer there. */
export const terminalEndSchema = z.enum([
  'exited',
  'closed',
  'left',
  'idle',
  'terminated',
  'revoked',
  'lost',
  'unreachable',
  'limit',
  'server_stopped',
  'server_died',
]);
export type TerminalEnd = z.infer<typeof terminalEndSchema>;

/** A terminal on a server, and what is kept of it: both have the same id. */
export const recordingSchema = z.object({
  id: idSchema,
  host: z.string(),
  address: z.string(),
  login: z.string().describe('the user on the server'),
  userName: z.string().describe('who sat in front of it'),
  from: z.string().describe('network address of that person'),
  startedAt: timeSchema,
  endedAt: timeSchema.nullable(),
  state: recordingStateSchema,
  end: terminalEndSchema.nullable(),
  message: z.string().nullable().describe('more about the end, for people'),
  cols: z.int(),
  rows: z.int(),
  bytes: z.int().describe('of the recording, an asciicast file'),
  commands: z.int().describe('lines that were sent with Enter; each has a marker'),
  input: z.boolean().describe('what was typed is recorded too'),
  sha256: z.string().nullable().describe('of the asciicast file; stands in the audit as well'),
});
export type Recording = z.infer<typeof recordingSchema>;

/** What a shell said, from `offset` on: the number of bytes it had said before. */
export const terminalOutputSchema = z.object({
  state: recordingStateSchema,
  offset: z.int(),
  skipped: z.int().describe('bytes before `offset` that are no longer kept, or that a late watcher is not shown'),
  data: z.string().describe('base64'),
  cols: z.int(),
  rows: z.int(),
  end: terminalEndSchema.nullable(),
  message: z.string().nullable(),
  idleEndsAt: timeSchema.nullable().describe('nothing was typed for long: it ends then unless something is'),
});
export type TerminalOutput = z.infer<typeof terminalOutputSchema>;

/** Most bytes in one batch of keys, and in one event of output. */
export const maxTerminalBytes = 65_536;
