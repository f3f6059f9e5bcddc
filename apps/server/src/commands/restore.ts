import { open, rm } from 'node:fs/promises';
import { firstUsedTable, loadBackup, unknownMigrations } from '../backup/loadBackup.ts';
import { type BackupSummary, verifyBackup } from '../backup/readBackup.ts';
import { restoredNoteFile, writeRestoredNote } from '../backup/restoredNote.ts';
import { secretSettings, settingNames } from '../config.ts';
import { lockDataDir } from '../dataLock.ts';
import { openDatabase } from '../db/database.ts';
import { endSessionsOfBackup } from '../features/access/afterRestore.ts';
import { writeAudit } from '../features/audit/writer.ts';
import { endRunsOfBackup } from '../features/runs/claims/afterRestore.ts';
import { loadSealer } from '../features/vault/index.ts';
import { createFile } from '../files.ts';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import { requireOwnData } from './ownData.ts';
import { keyPath, moveAside, notEmpty, requireRoom } from './restorePlace.ts';
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

function tell(
  { say, note, env }: Terminal,
  { header, tables }: BackupSummary,
  ended: { runs: number; sessions: number },
): void {
  const rows = [...tables.values()].reduce((sum, table) => sum + table.rows, 0);
  say(`Restored ${tables.size} tables with ${rows} rows from a backup of ${header.at} (OMServer ${header.version}).`);
  say(
    `Runs under way that were ended, their open servers shown as lost: ${ended.runs}. Sessions ended: ${ended.sessions}.`,
  );
  for (const name of settingNames) {
    const [then, now] = [header.settings[name], env[name]];
    if (name === 'OM_DATA_DIR' || then === undefined || then === now) continue;
    if (!secretSettings.has(name)) note(`That server ran with ${name}=${then}; here it is ${now ?? 'not set'}.`);
    else if (!now) note(`That server had ${name} set, a secret that is not in the backup; here it is not set.`);
  }
  say('Devices, tokens and invites are valid again as they were then: run "omserver doctor", it names them.');
}
