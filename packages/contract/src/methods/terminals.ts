import { z } from 'zod';
import { change, query, stream } from '../method.ts';
import { idSchema, nameSchema, okSchema, pageOf, pageParams, timeSchema } from '../models/common.ts';
import {
  maxTerminalBytes,
  recordingSchema,
  recordingStateSchema,
  terminalOutputSchema,
  terminalSizeSchema,
} from '../models/terminals.ts';

const offset = z.int().min(0);
const base64 = z.base64().max(Math.ceil(maxTerminalBytes / 3) * 4);

export const terminalMethods = {
  'terminals.open': change({
    permission: 'terminal.open',
    summary: 'Open a recorded shell on a server; `terminals.attach` says what becomes of it',
    params: z.strictObject({ id: idSchema, host: nameSchema, ...terminalSizeSchema.shape }),
    result: recordingSchema,
  }),
  'terminals.attach': stream({
    permission: 'terminal.open',
    summary: 'Output of one’s own terminal, and the right to type; the last to attach has it. Left for 60 s, it ends',
    params: z.strictObject({
      id: idSchema,
      writer: idSchema.describe('made by the client for this view; names it in `terminals.input`'),
      after: offset.optional().describe('bytes that have arrived; else what the server still keeps comes first'),
    }),
    result: terminalOutputSchema,
    prompt: true,
  }),
  'terminals.input': query({
    permission: 'terminal.open',
    summary:
      'Keys for the shell, by their place among all of this writer: a repeat types nothing twice. Also says what was shown',
    params: z.strictObject({
      id: idSchema,
      writer: idSchema,
      offset: offset.describe('bytes that this writer sent before'),
      data: base64.describe('may be empty'),
      shown: offset.describe('bytes of output that have been shown: the shell waits for who is behind'),
      stay: z.boolean().optional().describe('counts as a key: an idle terminal goes on'),
    }),
    result: okSchema,
  }),
  'terminals.resize': query({
    permission: 'terminal.open',
    summary: 'The window of one’s own terminal has another size now',
    params: z.strictObject({ id: idSchema, writer: idSchema, ...terminalSizeSchema.shape }),
    result: okSchema,
  }),
  'terminals.close': change({
    permission: 'terminal.open',
    summary: 'End one’s own terminal',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
  'terminals.list': query({
    permission: 'terminal.open',
    summary: 'One’s own terminals that are open',
    params: z.strictObject({}),
    result: z.object({ items: z.array(recordingSchema) }),
  }),
  'terminals.watch': stream({
    permission: 'recording.read',
    summary: 'Look on at somebody’s terminal; audited',
    params: z.strictObject({ id: idSchema, after: offset.optional() }),
    result: terminalOutputSchema,
    prompt: true,
  }),
  'terminals.terminate': change({
    permission: 'terminal.control',
    summary: 'End somebody’s terminal; confirmed with the name of its server, and with a reason',
    params: z.strictObject({
      id: idSchema,
      confirm: z.string().max(100),
      reason: z.string().trim().min(10).max(500),
    }),
    result: okSchema,
  }),
  'recordings.list': query({
    permission: 'recording.read',
    summary: 'Recorded terminals, newest first; open ones too',
    params: z.strictObject({
      ...pageParams,
      host: z.string().max(100).optional(),
      userName: z.string().max(100).optional(),
      states: z.array(recordingStateSchema).min(1).max(5).optional(),
      from: timeSchema.optional(),
      to: timeSchema.optional().describe('begun before this moment'),
    }),
    result: pageOf(recordingSchema),
  }),
  'recordings.follow': stream({
    permission: 'recording.read',
    summary: 'Follow recorded terminals: those that are open, then each that begins, grows or ends',
    params: z.strictObject({
      host: z.string().max(100).optional(),
      userName: z.string().max(100).optional(),
      after: timeSchema.optional().describe('what ended since then comes as well (some before it come again)'),
    }),
    result: z.object({ recordings: z.array(recordingSchema), at: timeSchema }),
  }),
  'recordings.get': query({
    permission: 'recording.read',
    summary: 'One recorded terminal',
    params: z.strictObject({ id: idSchema }),
    result: recordingSchema,
  }),
  'recordings.play': stream({
    permission: 'recording.read',
    summary: 'The asciicast file of a recording, verified on the way; audited',
    params: z.strictObject({ id: idSchema, after: offset.optional().describe('chunks that have arrived') }),
    result: z.object({
      chunk: z.int().describe('from 1'),
      of: z.int(),
      text: z.string().describe('whole lines of the file'),
    }),
    prompt: true,
  }),
};
