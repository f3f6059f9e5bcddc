import { lockDataDir } from '../dataLock.ts';
import { openDatabase } from '../db/database.ts';
import { migrate as migrateDatabase } from '../db/migrate.ts';
import { type ExitCode, exitCodes } from './exitCodes.ts';
import { requireOwnData } from './ownData.ts';
import type { Terminal } from './surroundings.ts';

/** Brings the schema up to date without starting the server, which would do the same. */
export async function migrate(terminal: Terminal): Promise<ExitCode> {
  const { database, dataDir } = terminal.config();
  await requireOwnData(dataDir);
  const unlock = database.kind === 'sqlite' ? lockDataDir(dataDir) : () => {};
  try {
    const db = openDatabase(database);
    try {
      const applied = await migrateDatabase(db);
      for (const name of applied) terminal.say(`applied ${name}`);
      if (applied.length === 0) terminal.say('The schema is up to date.');
      return exitCodes.ok;
    } finally {
      await db.close();
    }
  } finally {
    unlock();
  }
}
