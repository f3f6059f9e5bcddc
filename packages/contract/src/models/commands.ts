import { z } from 'zod';
import { alertSeverities } from './alerts.ts';
import { idSchema, timeSchema } from './common.ts';

/** `ended`: exit code of a command that took long. `executed`: a program that the kernel saw start, by auditd. `gap`: records are missing; `silence`: nothing came; `resumed`: something comes again; `clock`: it is wrong there. */
export const commandKinds = [
  'command',
  'ended',
  'executed',
  'started',
  'dropped',
  'gap',
  'silence',
  'resumed',
  'clock',
] as const;

/** What is odd about an event: its time was not believed; bytes were no UTF-8; a field was too long; its text was erased. */
export const commandMarks = ['clock', 'bytes', 'cut', 'erased'] as const;

/** What a rule of today sees in a command; not recorded with it. */
export const commandRiskSchema = z.object({ severity: z.enum(alertSeverities), rule: z.string() });
export type CommandRisk = z.infer<typeof commandRiskSchema>;

/** A command seen in a shell of a host, or what the audit has to say about that host. Everything in it came from there. */
export const commandEventSchema = z.object({
  id: idSchema,
  at: timeSchema.describe('by the clock of the host, where that can be believed'),
  receivedAt: timeSchema,
  hostId: z.string().nullable().describe('null: an unsigned event, of which only the address is known'),
  hostName: z.string(),
  kind: z.enum(commandKinds),
  uid: z.int().nullable(),
  user: z.string().describe('as the kernel knows it'),
  claimedUser: z.string().describe('as the shell says'),
  loginUser: z.string(),
  tty: z.string(),
  session: z.string(),
  number: z.int().nullable().describe('the how-manieth of its session'),
  source: z.string(),
  directory: z.string(),
  exit: z.int().nullable(),
  via: z.string(),
  text: z.string(),
  runId: z.string().nullable().describe('a run that was on this host'),
  terminalId: z.string().nullable().describe('a recorded terminal on this host'),
  outside: z.boolean().describe('a command of neither: outside OManager'),
  signed: z.boolean(),
  marks: z.array(z.enum(commandMarks)),
  claimedAt: timeSchema.nullable().describe('the time that was not believed'),
  address: z.string().describe('from which it came to the server'),
  risk: commandRiskSchema.optional().describe('the gravest that the rules of today find; never in an export'),
});
export type CommandEvent = z.infer<typeof commandEventSchema>;
