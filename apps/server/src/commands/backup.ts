import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withSnapshot } from '../backup/snapshot.ts';
import { writeBackup } from '../backup/writeBackup.ts';
import { secretSettings, settingNames } from '../config.ts';
import { version } from '../version.ts';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import type { Terminal } from './surroundings.ts';

/** Writes everything to one file, while the server may go on. */
export async function backup(terminal: Terminal, path: string, options: { keys: boolean }): Promise<ExitCode> {
  const config = terminal.config();
  const settings = Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = terminal.env[name];
      return value ? [[name, secretSettings.has(name) ? 'a secret' : value]] : [];
    }),
  );
  const serverKeyFile = join(config.dataDir, 'server.key');
  const masterKey = await keyFile(config.masterKeyFile);
  const keyFiles = [
    { name: 'server.key' as const, text: await keyFile(serverKeyFile) },
    { name: 'master.key' as const, text: masterKey },
  ];
  const written = await withSnapshot(config.database, (snapshot) =>
    writeBackup(
      path,
      {
        header: { omserverBackup: 1, version, database: config.database.kind, settings },
        keyFiles: options.keys ? keyFiles : [],
        snapshot,
        // A rekey in the middle would leave rows in the file that none of its keys opens.
        check: async () => {
          if ((await keyFile(config.masterKeyFile)) !== masterKey) {
            throw new CommandError('the master key was replaced meanwhile (rekey); run the backup again');
          }
        },
      },
      terminal.signal,
    ),
  );
  const keys = options.keys
    ? 'with its keys: whoever has this file has everything, so guard it'
    : 'without keys: keep server.key and the master key as well, without them it is worth nothing';
  terminal.say(`${path}: ${written.tables} tables, ${written.rows} rows, ${size(written.size)}, ${keys}`);
  return exitCodes.ok;
}

async function keyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new CommandError(`there is no ${path}: this server was never started, or OM_DATA_DIR is another`);
    }
    throw error;
  }
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
