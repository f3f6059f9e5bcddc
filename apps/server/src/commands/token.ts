import { nameSchema, roleSchema, userNameSchema } from '@omanager/contract';
import { z } from 'zod';
import { type ExitCode, exitCodes } from './exitCodes.ts';
import { handOver } from './handOver.ts';
import { readOptions } from './readOptions.ts';
import type { Terminal } from './surroundings.ts';
import { withAccess } from './withAccess.ts';

const optionsSchema = z.strictObject({
  user: userNameSchema,
  name: nameSchema,
  role: roleSchema.default('viewer'),
  days: z.coerce.number().int().min(1).max(366).default(90),
  file: z.string().min(1).optional(),
});

/** `omserver token create`: makes an API token of a user, for POST /rpc. */
export async function createToken(terminal: Terminal, given: unknown): Promise<ExitCode> {
  const { user, name, role, days, file } = readOptions(optionsSchema, given);
  const give = handOver(terminal, file);
  const made = await withAccess(terminal, (access) =>
    access.createToken({ userName: user, name, role, ttlDays: days, by: 'omserver token' }),
  );
  terminal.note(`An API token of ${user} with the role ${role}, valid until ${made.token.expiresAt}; shown only now:`);
  await give(made.secret);
  return exitCodes.ok;
}
