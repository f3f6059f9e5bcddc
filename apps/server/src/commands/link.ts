import { formatInvite } from '@omanager/client';
import { linkOrigin } from '../linkOrigin.ts';
import { loadServerKey } from '../serverKey.ts';
import { type ExitCode, exitCodes } from './exitCodes.ts';
import { requireOwnData } from './ownData.ts';
import type { Terminal } from './surroundings.ts';

/** `omserver link`: where this server is and how to know it. */
export async function link(terminal: Terminal): Promise<ExitCode> {
  const config = terminal.config();
  await requireOwnData(config.dataDir);
  const { publicKey } = await loadServerKey(config.dataDir);
  const origin = linkOrigin(config, config.listen.port);
  terminal.say(formatInvite({ ...origin, serverPublicKey: publicKey, code: null }));
  return exitCodes.ok;
}
