import type { Config } from '../../config.ts';
import type { Database } from '../../db/database.ts';
import { readKeyFile } from '../../features/vault/keyFile.ts';
import { sealedColumns, sealedKeyIds } from '../../features/vault/sealedColumns.ts';
import { createSealer } from '../../features/vault/sealer.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Rows of each kind that are opened as a sample. */
const sampled = 20;

/** Whether the master key is there and opens what is sealed. Nothing that is opened is kept. */
export async function checkSealed(db: Database, { masterKeyFile }: Config): Promise<Finding[]> {
  const needed = await sealedKeyIds(db.knex);
  let keys: Awaited<ReturnType<typeof readKeyFile>>;
  try {
    keys = await readKeyFile(masterKeyFile);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [problem('vault', why, 'restore the master key file from the backup')];
  }
  if (!keys) {
    if (needed.size === 0) return [];
    return [problem('vault', `${masterKeyFile} is missing, and the database needs it`, 'restore it from the backup')];
  }
  const missing = [...needed].filter((id) => !keys.some((key) => key.id === id));
  if (missing.length > 0) {
    const message = `${masterKeyFile} is another database's: key ${missing.join(', ')} is not in it`;
    return [problem('vault', message, 'restore the right key file from the backup')];
  }
  const findings: Finding[] = [];
  if (keys.length > 1) {
    findings.push(
      warning(
        'vault',
        'a rekey was interrupted; everything still opens',
        'stop the server and run omserver rekey again',
      ),
    );
  }
  const sealer = createSealer(keys);
  let opened = 0;
  for (const { table, column, key, also, only = {}, context } of sealedColumns) {
    const rows: Record<string, unknown>[] = await db
      .knex(table)
      .select(...key, ...also, column)
      .whereNotNull(column)
      .where(only)
      .limit(sampled);
    for (const row of rows) {
      const sealed = row[column];
      try {
        if (!(sealed instanceof Uint8Array)) throw new Error('it is not bytes');
        sealer.open(context(row), sealed).fill(0);
        opened++;
      } catch {
        const where = `${table} ${key.map((name) => String(row[name])).join(' ')}`;
        findings.push(
          problem('vault', `${where}: ${column} does not open; it was changed or swapped`, 'restore a backup'),
        );
      }
    }
  }
  if (findings.every(({ level }) => level !== 'problem')) {
    findings.push(
      ok('vault', opened === 0 ? 'nothing is sealed yet' : `the master key opens what is sealed (${opened} tried)`),
    );
  }
  return findings;
}
