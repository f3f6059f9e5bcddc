import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KeyFileName } from '../backup/format.ts';
import type { BackupSummary } from '../backup/readBackup.ts';
import { restoredNoteFile } from '../backup/restoredNote.ts';
import type { Config } from '../config.ts';
import { CommandError } from './exitCodes.ts';
import { firstInviteFile } from './firstInvite.ts';
import type { Terminal } from './surroundings.ts';

/** Where a key file of a backup belongs. */
export function keyPath(config: Config, name: KeyFileName): string {
  return name === 'master.key' ? config.masterKeyFile : join(config.dataDir, name);
}

/** Refuses when a key file of another server is in the way, or one that the backup leaves out is missing. */
export async function requireRoom(config: Config, { keyFiles }: BackupSummary): Promise<void> {
  for (const name of ['server.key', 'master.key'] as const) {
    const present = await textOf(keyPath(config, name));
    const wanted = keyFiles.get(name);
    if (wanted === undefined && present === null) {
      throw new CommandError(
        `the backup was made without keys: put the ${name} of that server at ${keyPath(config, name)} first`,
      );
    }
    if (wanted !== undefined && present !== null && present !== wanted) {
      throw notEmpty(config, `${keyPath(config, name)} is another key`);
    }
  }
}

export function notEmpty({ dataDir, database }: Config, why: string): CommandError {
  const how =
    database.kind === 'sqlite'
      ? `choose another OM_DATA_DIR, or use --force to move what is in ${dataDir} aside first`
      : 'create an empty database and a new data folder, and name them in OM_DATABASE_URL and OM_DATA_DIR';
  return new CommandError(`a backup is restored into an empty place only (${why}): ${how}. Nothing was changed.`);
}

/** Moves what a server left in the data folder into a folder in it. */
export async function moveAside(config: Config, { note }: Terminal): Promise<void> {
  const { dataDir, database, masterKeyFile } = config;
  const aside = join(dataDir, `before-restore-${new Date().toISOString().replaceAll(':', '-')}`);
  const files = ['server.key', 'master.key'].map((name) => join(dataDir, name));
  files.push(firstInviteFile(dataDir), restoredNoteFile(dataDir));
  if (database.kind === 'sqlite') files.push(...['', '-wal', '-shm'].map((end) => `${database.file}${end}`));
  if (dirname(masterKeyFile) !== dataDir) note(`${masterKeyFile} is outside the data folder and stays where it is.`);
  await mkdir(aside, { mode: 0o700 });
  let moved = 0;
  for (const file of files) {
    if (await renamed(file, join(aside, file.slice(dataDir.length + 1)))) moved++;
  }
  if (moved === 0) await rm(aside, { recursive: true });
  else note(`What was there is in ${aside} now.`);
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
