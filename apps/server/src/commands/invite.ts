import { roleSchema, userNameSchema } from '@omanager/contract';
import { z } from 'zod';
import { type ExitCode, exitCodes } from './exitCodes.ts';
import { handOver } from './handOver.ts';
import { readOptions } from './readOptions.ts';
import type { Terminal } from './surroundings.ts';
import { withAccess } from './withAccess.ts';

const optionsSchema = z.strictObject({
  role: roleSchema.default('operator'),
  /** An existing user, who gets a new device or a new password. */
  user: userNameSchema.optional(),
  minutes: z.coerce.number().int().min(1).max(60).default(60),
  file: z.string().min(1).optional(),
});

/** `omserver invite`: makes a one-time link, for a new user or for a new device of an existing one. */
export async function invite(terminal: Terminal, given: unknown): Promise<ExitCode> {
  const { role, user, minutes, file } = readOptions(optionsSchema, given);
  const give = handOver(terminal, file);
  const made = await withAccess(terminal, (access) =>
    access.createInvite({ role, userName: user, ttlMinutes: minutes, by: 'omserver invite' }),
  );
  const whom = user === undefined ? `a new ${role}` : user;
  terminal.note(`An invite for ${whom}, good once and until ${made.invite.expiresAt}; redeem it with: om login`);
  await give(made.link);
  return exitCodes.ok;
}
