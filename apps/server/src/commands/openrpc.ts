import { openRpcDocument } from '@omanager/contract';
import { version } from '../version.ts';
import { type ExitCode, exitCodes } from './exitCodes.ts';
import type { Terminal } from './surroundings.ts';

/** Prints the OpenRPC document of everything a client may call. */
export async function openrpc(terminal: Terminal): Promise<ExitCode> {
  terminal.say(JSON.stringify(openRpcDocument(version), null, 2));
  return exitCodes.ok;
}
