import { z } from 'zod';
import { change, query, stream } from '../method.ts';
import { commandEventSchema, commandKinds } from '../models/commands.ts';
import { idSchema, okSchema, pageParams, timeSchema } from '../models/common.ts';
import { exportFormatSchema, exportLimitSchema, exportSealSchema } from '../models/exports.ts';

const filter = {
  host: z.string().min(1).max(100).optional().describe('id or name of a server; an address for unsigned events'),
  user: z.string().min(1).max(100).optional().describe('verified user'),
  text: z.string().min(1).max(200).optional().describe('anywhere in the command; ignores case'),
  kinds: z
    .array(z.enum(commandKinds))
    .min(1)
    .max(commandKinds.length)
    .optional()
    .describe('only these; not given: all but `executed`'),
  exit: z
    .union([z.int(), z.literal('failed')])
    .optional()
    .describe('`failed`: any but 0'),
  session: z.string().min(1).max(100).optional(),
  run: idSchema.optional(),
  terminal: idSchema.optional(),
  hostsOf: idSchema.optional().describe('a run: only what was seen on its servers'),
  outside: z.boolean().optional().describe('commands of no run and no recorded terminal'),
  signed: z.boolean().optional(),
};
const period = { from: timeSchema.optional(), to: timeSchema.optional().describe('before this moment') };
const events = z.array(commandEventSchema);

export const commandMethods = {
  'commands.list': query({
    permission: 'audit.read',
    summary:
      'Commands seen on servers, newest first; a page may be short, `searchedTo` says how far it looked; audited',
    params: z.strictObject({ ...pageParams, ...filter, ...period }),
    result: z.object({
      items: events,
      next: z.string().optional().describe('there is more, or more to look through'),
      searchedTo: timeSchema.nullable().describe('the page is complete back to here; null: to the beginning'),
    }),
  }),
  'commands.around': query({
    permission: 'audit.read',
    summary: 'What was seen on the same server around an event, oldest first; audited',
    params: z.strictObject({
      id: idSchema,
      minutes: z.int().min(1).max(60).default(5),
      limit: z.int().min(1).max(500).default(200).describe('before it, and after it'),
    }),
    result: z.object({ items: events, more: z.boolean().describe('there were more within the time') }),
  }),
  'commands.follow': stream({
    permission: 'audit.read',
    summary:
      'Commands as they are stored, from now on or after an event (some before it come again); who is slow is told how many were skipped; audited',
    params: z.strictObject({ ...filter, after: idSchema.optional() }),
    result: z.object({ events, skipped: z.int() }),
  }),
  'commands.export': stream({
    permission: 'audit.read',
    summary: 'All commands of a filter, newest first; audited',
    params: z.strictObject({
      ...filter,
      ...period,
      after: z.string().max(400).optional().describe('`next` of the last part that was received before a cut'),
      format: exportFormatSchema,
      limit: exportLimitSchema,
    }),
    result: z.object({ events, next: z.string().optional(), seal: exportSealSchema.optional() }),
  }),
  'commands.erase': change({
    permission: 'audit.erase',
    summary: 'Take the text out of a command for ever, such as a password typed by mistake; the ledger still verifies',
    params: z.strictObject({ id: idSchema, reason: z.string().trim().min(3).max(500) }),
    result: okSchema,
  }),
};
