import { stat } from 'node:fs/promises';
import { CommandError } from './exitCodes.ts';

/** Refuses to work in another user's data folder: root would leave files behind that the server cannot open. */
export async function requireOwnData(dataDir: string): Promise<void> {
  const me = process.getuid?.();
  const folder = await stat(dataDir).catch(() => null);
  if (me === undefined || !folder || folder.uid === me) return;
  throw new CommandError(
    `${dataDir} belongs to user id ${folder.uid}, and you are ${me}: run this as that user, for example with sudo -u omserver`,
  );
}
