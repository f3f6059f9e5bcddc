import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFile } from '../files.ts';
import { CommandError } from './exitCodes.ts';
import type { Terminal } from './surroundings.ts';

/** Where a secret goes that is shown only once. Made before the secret is, so that a mistake costs nothing. */
export type HandOver = (secret: string) => Promise<void>;

/**
 * To a new 0600 file when one is named, else to standard output. Everything else that a command says goes to standard
 * error, so that a pipe gets the secret alone.
 */
export function handOver(terminal: Terminal, file: string | undefined): HandOver {
  if (file === undefined) return async (secret) => terminal.say(secret);
  const path = resolve(file);
  const taken = () => new CommandError(`${path} exists already and was left alone; name a new file`);
  if (existsSync(path)) throw taken();
  return async (secret) => {
    if (!(await createFile(path, `${secret}\n`))) throw taken();
    terminal.note(`It is in ${path}, which only you may read.`);
  };
}
