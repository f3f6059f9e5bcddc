import { userNameSchema } from '@omanager/contract';
import { z } from 'zod';
import { type ExitCode, exitCodes } from './exitCodes.ts';
import { handOver } from './handOver.ts';
import { readOptions } from './readOptions.ts';
import type { Terminal } from './surroundings.ts';
import { withAccess } from './withAccess.ts';

const optionsSchema = z.strictObject({
  user: userNameSchema,
  revokeDevices: z.boolean().default(false),
  file: z.string().min(1).optional(),
});

/** `omserver user reset`: for a locked-out user, who gets in again with the link this prints. */
export async function resetUser(terminal: Terminal, given: unknown): Promise<ExitCode> {
  const { user, revokeDevices, file } = readOptions(optionsSchema, given);
  const give = handOver(terminal, file);
  const made = await withAccess(terminal, (access) =>
    access.resetUser({ userName: user, revokeDevices, by: 'omserver user reset' }),
  );
  const devices = revokeDevices ? 'their devices are revoked' : 'their devices stay enrolled (--revoke-devices)';
  terminal.note(`${user} is enabled and signed out everywhere, the second factor is off, ${devices}.`);
  terminal.note(`With this link they set a new password, once and until ${made.invite.expiresAt} (om login):`);
  await give(made.link);
  return exitCodes.ok;
}
