import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/**
 * Holds the data folder for one server process; the operating system lets go when the process dies. An exclusive
 * SQLite transaction is the portable lock that Node offers.
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
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
