import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../files.ts';
import type { Terminal } from './surroundings.ts';

export const firstInviteFile = (dataDir: string): string => join(dataDir, 'first-invite.txt');

/**
 * Hands the first admin's link to a person: on their terminal, else in a file that only the owner may read. Never in
 * the log, which a journal keeps. Without a link (there are users) the file of an earlier start goes away.
 */
export async function showFirstInvite({
  terminal,
  dataDir,
  link,
  log,
}: {
  terminal: Pick<Terminal, 'interactive' | 'say'>;
  dataDir: string;
  link: string | null;
  log: { info(details: object, message: string): void };
}): Promise<void> {
  const file = firstInviteFile(dataDir);
  if (link === null || terminal.interactive) await rm(file, { force: true });
  if (link === null) return;
  if (terminal.interactive) {
    terminal.say(
      'There is no user yet. Become the first admin with this link, valid for one hour and once (om login):',
    );
    terminal.say(`\n  ${link}\n`);
    return;
  }
  await writePrivateFile(file, `${link}\n`);
  log.info({ file }, 'there is no user yet: the first admin invite, valid for one hour, is in this file');
}
