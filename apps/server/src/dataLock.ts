import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { makeFolder } from './files.ts';

/**
 * Holds the data folder for one server process; the operating system lets go when the process dies. An exclusive
 * SQLite transaction is the portable lock that Node offers.
 */
export function lockDataDir(dataDir: string): () => void {
  makeFolder(dataDir);
  const lock = new Sqlite(join(dataDir, 'lock.db'), { timeout: 0 });
  try {
    lock.pragma('journal_mode = DELETE');
    lock.exec('begin exclusive');
  } catch {
    lock.close();
    throw new Error(`another omserver uses ${dataDir}; stop it first`);
  }
  return () => lock.close();
}
