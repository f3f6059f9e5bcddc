import type { Database } from '../../db/database.ts';
import { createKeyFile, readKeyFile } from './keyFile.ts';
import { sealedKeyIds } from './sealedColumns.ts';
import { createSealer, type Sealer } from './sealer.ts';

/**
 * The sealer of this installation. The key file is made at the first start; afterwards a missing or foreign one is
 * refused, since going on with a new key would make everything sealed unreadable without anybody noticing.
 */
export async function loadSealer({ db, file }: { db: Database; file: string }): Promise<Sealer> {
  const needed = await sealedKeyIds(db.knex);
  if (needed.size === 0) await createKeyFile(file);
  const keys = await readKeyFile(file);
  if (!keys) {
    throw new Error(
      `the master key file ${file} is missing, but the database holds data sealed with it; restore the file from the backup`,
    );
  }
  const missing = [...needed].filter((id) => !keys.some((key) => key.id === id));
  if (missing.length > 0) {
    throw new Error(
      `the master key file ${file} does not belong to this database, which needs key ${missing.join(', ')}; restore the right file from the backup`,
    );
  }
  return createSealer(keys);
}
