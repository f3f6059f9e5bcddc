import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KeyFileName } from '../backup/format.ts';
import { firstUsedTable, loadBackup, unknownMigrations } from '../backup/loadBackup.ts';
import { type BackupSummary, verifyBackup } from '../backup/readBackup.ts';
import { restoredNoteFile, writeRestoredNote } from '../backup/restoredNote.ts';
import { type Config, settingNames } from '../config.ts';
import { lockDataDir } from '../dataLock.ts';
import { openDatabase } from '../db/database.ts';
import { endSessionsOfBackup } from '../features/access/afterRestore.ts';
import { writeAudit } from '../features/audit/writer.ts';
import { endRunsOfBackup } from '../features/runs/afterRestore.ts';
import { loadSealer } from '../features/vault/index.ts';
import { createFile } from '../files.ts';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import { firstInviteFile } from './firstInvite.ts';
import { requireOwnData } from './ownData.ts';
import type { Terminal } from './surroundings.ts';

/** Puts a backup back: keys and database, or nothing at all. The server must not run. */
export async function restore(terminal: Terminal, path: string, { force }: { force: boolean }): Promise<ExitCode> {
  const config = terminal.config();
  await requireOwnData(config.dataDir);
  await using cleanup = new AsyncDisposableStack();
  const file = await open(path, 'r').catch((error) => {
    throw new CommandError(`the backup ${path} cannot be opened: ${error.code ?? error.message}`);
  });
  cleanup.defer(() => file.close());
  const summary = await verifyBackup(path, file);
  const { header } = summary;
  const unknown = await unknownMigrations(header.migrations);
  if (unknown.length > 0) {
    throw new CommandError(
      `${path} was made by OMServer ${header.version}, which is newer than this one; upgrade first`,
    );
  }
  cleanup.defer(lockDataDir(config.dataDir));
  if (force) await moveAside(config, terminal);
  await requireRoom(config, summary);

  await using undo = new AsyncDisposableStack();
  const db = openDatabase(config.database);
  cleanup.defer(() => db.close());
  const used = await firstUsedTable(db);
  if (used !== null) throw notEmpty(config, `its table ${used} has rows`);
  for (const [name, text] of summary.keyFiles) {
    const target = keyPath(config, name);
    if (await createFile(target, text)) undo.defer(() => rm(target));
  }
  const backupAt = Date.parse(header.at);
  let ended = { runs: 0, sessions: 0 };
  await loadBackup({
    path,
    file,
    summary,
    db,
    settle: async (tx) => {
      // Before the commit: a database that its key file does not open is worth nothing.
      await loadSealer({ db: { ...db, knex: tx }, file: config.masterKeyFile });
      ended = { runs: await endRunsOfBackup(tx, backupAt), sessions: await endSessionsOfBackup(tx, Date.now()) };
      // Before the commit as well, so that no crash leaves a restored database that nobody is told to look at.
      undo.defer(() => rm(restoredNoteFile(config.dataDir), { force: true }));
      await writeRestoredNote(config.dataDir, {
        backupAt: header.at,
        restoredAt: new Date().toISOString(),
        backup: path,
      });
    },
  });
  undo.move();
  await db.transaction((tx) =>
    writeAudit(tx, {
      actor: { kind: 'system', name: 'omserver restore' },
      action: 'system.restore',
      outcome: 'done',
      details: { backupAt: header.at, backupSha256: summary.sha256, madeBy: header.version, ended },
    }),
  );
  tell(terminal, summary, ended);
  return exitCodes.ok;
}

function keyPath(config: Config, name: KeyFileName): string {
  return name === 'master.key' ? config.masterKeyFile : join(config.dataDir, name);
}

async function requireRoom(config: Config, { keyFiles }: BackupSummary): Promise<void> {
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

function notEmpty({ dataDir, database }: Config, why: string): CommandError {
  const how =
    database.kind === 'sqlite'
      ? `choose another OM_DATA_DIR, or use --force to move what is in ${dataDir} aside first`
      : 'create an empty database and a new data folder, and name them in OM_DATABASE_URL and OM_DATA_DIR';
  return new CommandError(`a backup is restored into an empty place only (${why}): ${how}. Nothing was changed.`);
}

async function moveAside(config: Config, { note }: Terminal): Promise<void> {
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

function tell(
  { say, note, env }: Terminal,
  { header, tables }: BackupSummary,
  ended: { runs: number; sessions: number },
): void {
  const rows = [...tables.values()].reduce((sum, table) => sum + table.rows, 0);
  say(`Restored ${tables.size} tables with ${rows} rows from a backup of ${header.at} (OMServer ${header.version}).`);
  say(`Ended: ${ended.runs} runs that were under way (their servers are shown as lost), ${ended.sessions} sessions.`);
  const other = settingNames.filter(
    (name) => name !== 'OM_DATA_DIR' && header.settings[name] !== undefined && header.settings[name] !== env[name],
  );
  for (const name of other)
    note(`That server ran with ${name}=${header.settings[name]}; here it is ${env[name] ?? 'not set'}.`);
  say('Devices, tokens and invites are valid again as they were then: run "omserver doctor", it names them.');
}
