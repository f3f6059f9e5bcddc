import { lockDataDir } from '../dataLock.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { pendingMigrations } from '../db/migrate.ts';
import { rekey as rekeyDatabase } from '../features/vault/rekey.ts';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import type { Terminal } from './surroundings.ts';

/** `omserver rekey`: a new master key; everything sealed is sealed anew and the old key is forgotten. */
export async function rekey(terminal: Terminal): Promise<ExitCode> {
  const { database, dataDir, masterKeyFile } = terminal.config();
  const unlock = lockDataDir(dataDir);
  try {
    const db = openDatabase(database);
    try {
      const pending = await pendingMigrations(db);
      if (pending.length > 0) throw new CommandError('the database has an older schema; run migrate or serve first');
      await refuseWhileOthersAreConnected(db);
      const { keyId, resealed, resumed } = await rekeyDatabase({ db, file: masterKeyFile, signal: terminal.signal });
      if (resumed) terminal.say('An interrupted rekey was found and is now finished.');
      terminal.say(`Sealed ${resealed} values anew; the master key is now ${keyId}. Make a new backup.`);
      return exitCodes.ok;
    } finally {
      await db.close();
    }
  } finally {
    unlock();
  }
}

/** A running server would go on sealing with the old key. It asks the database every second, so it is always connected. */
async function refuseWhileOthersAreConnected(db: Database): Promise<void> {
  if (db.kind === 'sqlite') return;
  const [rows] = await db.knex.raw(
    'select count(*) as n from information_schema.processlist where db = database() and id <> connection_id()',
  );
  if (Number(rows[0].n) > 0) {
    throw new CommandError('something else is connected to the database; stop every omserver that uses it first');
  }
}
